import { dropFlood, releaseFlood } from '../store/floods.ts';

/** What the operator may decide of a flood's posts. */
export type FloodRequest = 'release' | 'drop';
export const FLOOD_REQUESTS: readonly FloodRequest[] = ['release', 'drop'];

/** @returns how many posts it was about; undefined when no such flood is held. */
export function decideFlood(id: number, request: FloodRequest): Promise<number | undefined> {
  return request === 'release' ? releaseFlood(id) : dropFlood(id);
}
