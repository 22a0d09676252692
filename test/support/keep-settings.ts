import {
  childEnvironment,
  describeConfig,
  provideSettings,
  type SettingName,
} from '../../lib/config.ts';

/** Remembers all settings of this process. @returns gives them back. */
export function keepSettings(): () => void {
  const had = childEnvironment({});
  const names = Object.keys(describeConfig()) as SettingName[];
  // What is empty counts as not set.
  return () => provideSettings(Object.fromEntries(names.map((name) => [name, had[name] ?? ''])));
}
