import { afterAll } from 'vitest';
import { keepSettings } from './keep-settings.ts';

// Before each file of tests: files follow each other in one process, and what one of them sets
// (FETCH_ALLOW, SITE_URL …) is not there for the next.

afterAll(keepSettings());
