// How near one has to be for what is seen from close by only.

/** From here the map shows single reports and the spots that belong to a hotspot. */
export const CLOSE_FROM_ZOOM = 14.5;
