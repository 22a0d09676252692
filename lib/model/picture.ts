import type { FetchErrorKind } from './feed.ts';

/** Width and height of a picture as readers see it, in CSS pixels; both at least 1. */
export interface PictureSize {
  width: number;
  height: number;
}

/** Why a picture is not given: the fetch failed, or what came is not to be shown. */
export type PictureRefusal = FetchErrorKind | 'not-a-picture' | 'too-many-pixels';
