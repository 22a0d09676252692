import path from 'node:path';
import sharp from 'sharp';
import { nameFonts, ROOT } from '../config.ts';
import { CARD_HEIGHT, CARD_WIDTH } from './card-size.ts';
import { cutText, drawable, escapeMarkup, isFromTheRight } from './card-text.ts';
import { INK, LINE, MUTED, markColour, PAPER, washColour } from './colours.ts';

// The fonts of cards and no others, so that a card is the same on every machine. fontconfig, which
// is part of sharp, reads this when the first text is drawn.
nameFonts(path.join(ROOT, 'lib/cards/fonts/fonts.conf'));

const MARGIN = 84;
const INNER = CARD_WIDTH - 2 * MARGIN;
const TITLE_TOP = 150;
const FOOT = CARD_HEIGHT - 78;
/** From the first size on, until the title has room. */
const TITLE_SIZES = [92, 76, 66, 58, 50, 44];
const TITLE_CHARACTERS_MAX = 170;
const LABEL_CHARACTERS_MAX = 60;
const RIGHT_CHARACTERS_MAX = 28;
const CHART_HEIGHT = 96;
const CHART_GAP = 40;

/** What stands on a card. Texts are as they are: what cannot be drawn is left out. */
export interface Card {
  /** Above the title: what it is, or whose. */
  label: string;
  /** The first of these that can be drawn. */
  titles: string[];
  /** Below it, at either end. */
  foot: { left: string; right: string };
  /** Degrees; of a tag, whose mark and bars have it. */
  hue?: number;
  /** Numbers over time, the newest last; drawn as bars. */
  bars?: number[];
}

/** Pango's markup knows no size in pixels but at 72 dots an inch, where points are the same. */
const titleAt = (text: string, size: number) =>
  sharp({
    text: {
      text: `<span foreground="${INK}" weight="620" line_height="0.88">${escapeMarkup(text)}</span>`,
      font: `Source Serif 4, DejaVu Sans ${size}`,
      dpi: 72,
      width: INNER,
      rgba: true,
      wrap: 'word-char',
    },
  })
    .png({ compressionLevel: 1 })
    .toBuffer({ resolveWithObject: true });

/** The title as large as it has room; cut where it has none at any size. */
async function drawTitle(title: string, heightMax: number) {
  let text = cutText(title, TITLE_CHARACTERS_MAX);
  for (;;) {
    for (const size of TITLE_SIZES) {
      const drawn = await titleAt(text, size);
      // A word that is wider than the card is broken, but not at every size.
      if (drawn.info.height <= heightMax && drawn.info.width <= INNER) return drawn;
    }
    text = cutText(text, Math.floor([...text].length * 0.8));
  }
}

const label = (text: string, charactersMax = LABEL_CHARACTERS_MAX) =>
  escapeMarkup(cutText(drawable(text) ?? '', charactersMax));

function drawBars(bars: number[], hue: number): string {
  const most = Math.max(1, ...bars);
  const step = INNER / bars.length;
  const bottom = FOOT - 62;
  return bars
    .map((value, n) => {
      const height = value === 0 ? 2 : Math.max(4, Math.round((CHART_HEIGHT * value) / most));
      const colour = n === bars.length - 1 ? markColour(hue) : washColour(hue);
      const x = (MARGIN + n * step).toFixed(1);
      const width = Math.max(2, step - 6).toFixed(1);
      return `<rect x="${x}" y="${bottom - height}" width="${width}" height="${height}" fill="${colour}"/>`;
    })
    .join('');
}

/** All but the title. */
function drawFrame({ label: above, foot, hue, bars = [] }: Card): string {
  const mark =
    hue === undefined
      ? ''
      : `<rect x="${MARGIN}" y="84" width="20" height="20" fill="${markColour(hue)}"/>`;
  const text = (x: number, y: number, colour: string, rest: string, content: string) =>
    `<text x="${x}" y="${y}" font-family="Inter, DejaVu Sans" font-size="27" fill="${colour}" ${rest}>${content}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${CARD_WIDTH}" height="${CARD_HEIGHT}">
<rect width="${CARD_WIDTH}" height="${CARD_HEIGHT}" fill="${PAPER}"/>${mark}
${text(mark === '' ? MARGIN : MARGIN + 34, 104, MUTED, 'font-weight="560"', label(above))}
${bars.length > 0 && hue !== undefined ? drawBars(bars, hue) : ''}
<rect x="${MARGIN}" y="${FOOT - 50}" width="${INNER}" height="1.5" fill="${LINE}"/>
${text(MARGIN, FOOT, INK, 'font-weight="500"', label(foot.left))}
${text(CARD_WIDTH - MARGIN, FOOT, MUTED, 'text-anchor="end"', label(foot.right, RIGHT_CHARACTERS_MAX))}
</svg>`;
}

/** Each takes a processor for a moment; who asks for hundreds waits. */
const DRAWN_AT_ONCE_MAX = 2;
const turns: Promise<unknown>[] = Array.from({ length: DRAWN_AT_ONCE_MAX }, () =>
  Promise.resolve(),
);
let next = 0;

/**
 * Draws a card of CARD_WIDTH by CARD_HEIGHT pixels, in threads of sharp. Takes texts of any length
 * and content: of what cannot be drawn nothing is shown.
 * @returns a PNG, some 15 to 40 KB.
 */
export function drawCard(card: Card): Promise<Buffer> {
  const turn = next++ % DRAWN_AT_ONCE_MAX;
  const drawn = (turns[turn] ?? Promise.resolve()).then(() => draw(card));
  turns[turn] = drawn.catch(() => {}); // whoever asked for it is told
  return drawn;
}

async function draw(card: Card): Promise<Buffer> {
  const title = card.titles.map(drawable).find((text) => text !== undefined);
  const hasBars = card.bars !== undefined && card.bars.length > 0;
  const room = FOOT - 50 - TITLE_TOP - 36 - (hasBars ? CHART_HEIGHT + CHART_GAP : 0);
  const layers = [];
  if (title !== undefined) {
    const { data, info } = await drawTitle(title, room);
    const left = isFromTheRight(title) ? CARD_WIDTH - MARGIN - info.width : MARGIN;
    layers.push({ input: data, left, top: TITLE_TOP });
  }
  return sharp(Buffer.from(drawFrame(card)))
    .composite(layers)
    .png({ palette: true, colours: 64, effort: 4 })
    .toBuffer();
}
