/** In pixels: what every reader of Open Graph takes. */
export const CARD_WIDTH = 1200;
export const CARD_HEIGHT = 630;
