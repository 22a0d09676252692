// Characters that nobody sees, and that change what is seen (Unicode, UAX #9).

/**
 * Embeddings, overrides and isolates of writing direction. They reach beyond the text that they
 * come in: “gpj.exe” after one reads as “exe.jpg”, and so does whatever follows.
 */
export const DIRECTION_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/gu;
