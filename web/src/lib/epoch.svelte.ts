// Grows when something beside the hotspots may have changed (rain, incidents, reports), and when a service is found again.

class Epoch {
  now = $state(0);
}

export const epoch = new Epoch();
