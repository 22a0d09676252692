import { afterAll } from 'vitest';
import {
  childEnvironment,
  describeConfig,
  provideSettings,
  type SettingName,
} from '../../lib/config.ts';

// Before each file of tests: files follow each other in one process, and what one of them sets
// (FETCH_ALLOW, SITE_URL …) is not there for the next.

const had = childEnvironment({});
const names = Object.keys(describeConfig()) as SettingName[];

// What is empty counts as not set.
afterAll(() => provideSettings(Object.fromEntries(names.map((name) => [name, had[name] ?? '']))));
