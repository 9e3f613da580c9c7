// What a browser keeps of a reader's choices for all pages. One that keeps nothing asks again next time.

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(`waterlog.${name}`);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`waterlog.${name}`, value);
  } catch {
    // It is asked for again.
  }
}
