import type { PollHints } from '../model/feed.ts';
import { type Elements, textOf, type XmlNode } from './xml-node.ts';

const PERIOD_MINUTES: Record<string, number> = {
  hourly: 60,
  daily: 24 * 60,
  weekly: 7 * 24 * 60,
  monthly: 30 * 24 * 60,
  yearly: 365 * 24 * 60,
};
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function positive(nodes: XmlNode[] | undefined): number | undefined {
  const number = Number(textOf(nodes?.[0]));
  return Number.isFinite(number) && number > 0 ? number : undefined;
}

/** 24 is midnight in some feeds: the specification counted from 1 before it counted from 0. */
function readHours(nodes: XmlNode[] | undefined): number[] {
  const hours = (nodes ?? []).map(textOf).filter((text) => /^\d{1,2}$/u.test(text));
  return [...new Set(hours.map((text) => Number(text) % 24))].sort((a, b) => a - b);
}

function readDays(nodes: XmlNode[] | undefined): number[] {
  const days = (nodes ?? []).map((node) => DAYS.indexOf(textOf(node).toLowerCase()));
  return [...new Set(days.filter((day) => day >= 0))].sort((a, b) => a - b);
}

/**
 * What a channel says of when to come again: RSS 2.0 `ttl`, `skipHours` and `skipDays`, and the
 * RSS 1.0 module Syndication. Skipping all hours or all days means nothing and is left out.
 */
export function readHints(elements: Elements): PollHints | undefined {
  const ttlMinutes = positive(elements.ttl);
  const period = PERIOD_MINUTES[textOf(elements['x-update-period']?.[0]).toLowerCase()];
  const updateMinutes = period && period / (positive(elements['x-update-frequency']) ?? 1);
  const skipHours = readHours(elements['x-skip-hour']);
  const skipDays = readDays(elements['x-skip-day']);
  const hints: PollHints = {
    ...(ttlMinutes === undefined ? {} : { ttlMinutes }),
    ...(updateMinutes === undefined ? {} : { updateMinutes }),
    ...(skipHours.length > 0 && skipHours.length < 24 ? { skipHours } : {}),
    ...(skipDays.length > 0 && skipDays.length < 7 ? { skipDays } : {}),
  };
  return Object.keys(hints).length > 0 ? hints : undefined;
}
