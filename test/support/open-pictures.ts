import { afterEach } from 'vitest';
import { getPicture } from '../../lib/pictures/get-picture.ts';
import type { OpenPicture } from '../../lib/pictures/picture-file.ts';

/** getPicture for a test file: what a test has not read is closed when it ends. */
export function usePictures(): typeof getPicture {
  let opened: OpenPicture[] = [];
  afterEach(async () => {
    await Promise.all(opened.map((picture) => picture.close()));
    opened = [];
  });
  return async (...wish) => {
    const outcome = await getPicture(...wish);
    if (outcome.kind === 'found') opened.push(outcome.picture);
    return outcome;
  };
}
