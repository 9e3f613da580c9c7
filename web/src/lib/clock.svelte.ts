// What time it is for the reader, to the minute.

const MINUTE_MS = 60_000;

class Clock {
  now = $state(Date.now());

  constructor() {
    setInterval(() => (this.now = Date.now()), MINUTE_MS);
  }
}

export const clock = new Clock();
