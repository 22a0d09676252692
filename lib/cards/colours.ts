/** A colour in OKLCH as `#rrggbb` (CSS Color 4, section 9.3; what sRGB has not is clipped). */
function hex(lightness: number, chroma: number, hue: number): string {
  const [a, b] = [Math.cos, Math.sin].map((of) => chroma * of((hue * Math.PI) / 180));
  const cone = (ka: number, kb: number) => (lightness + ka * (a ?? 0) + kb * (b ?? 0)) ** 3;
  const l = cone(0.3963377774, 0.2158037573);
  const m = cone(-0.1055613458, -0.0638541728);
  const s = cone(-0.0894841775, -1.291485548);
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return `#${linear
    .map((value) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055))
    .map((value) => Math.round(255 * Math.min(1, Math.max(0, value))))
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`;
}

/** The light theme's (app/_styles/tokens.css). */
export const PAPER = hex(0.984, 0.004, 130);
export const INK = hex(0.225, 0.014, 255);
export const MUTED = hex(0.415, 0.014, 255);
export const LINE = hex(0.86, 0.006, 130);

/** A tag’s own colours, by its hue in degrees (app/_styles/tags.css): of its mark, of its bars. */
export const markColour = (hue: number) => hex(0.56, 0.1, hue);
export const washColour = (hue: number) => hex(0.83, 0.05, hue);
