import { RobotsTexts } from '../fetch/robots.ts';
import { fetchSpaced } from '../fetch/spacing.ts';

/** What hosts let this process read: each robots.txt is asked for once a day, whoever needs it. */
export const hostRobots = new RobotsTexts(fetchSpaced);
