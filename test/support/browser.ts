import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const SYSTEM_BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium-browser',
];
/** Its own ones switch off the security that the tests are about. */
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'];

/**
 * Makes the carried fonts found beside the system's. The settings that come with them look into
 * fixed folders, and a Chromium that finds no font at all dies of the first search field.
 */
function writeFontSettings(home: string): string {
  const folder = path.join(home, 'fontconfig');
  fs.mkdirSync(folder, { recursive: true });
  const settings = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${home}/fonts</dir><dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir>
<cachedir>${folder}/cache</cachedir></fontconfig>`;
  // Another run may be reading it.
  const fresh = path.join(folder, `fonts.conf.${process.pid}`);
  fs.writeFileSync(fresh, settings);
  fs.renameSync(fresh, path.join(folder, 'fonts.conf'));
  return folder;
}

/**
 * Starts the system's Chromium, else the one that npm carries. That one unpacks itself and its
 * libraries into the temporary folder and takes whatever lies there, so it gets one of its own.
 */
export async function launchBrowser(): Promise<Browser> {
  const system = SYSTEM_BROWSERS.find((file) => fs.existsSync(file));
  if (system !== undefined) {
    return chromium.launch({ executablePath: system, args: ARGUMENTS, headless: true });
  }
  const home = path.join(os.tmpdir(), `tagwire-chromium-${process.getuid?.() ?? 'user'}-153`);
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  const before = process.env.TMPDIR;
  process.env.TMPDIR = home;
  // Makes it bring the libraries that a bare machine lacks (libnss3).
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x';
  // It knows one font of its own; the system's write other scripts too.
  if (fs.existsSync('/etc/fonts/fonts.conf')) process.env.FONTCONFIG_PATH ??= '/etc/fonts';
  try {
    const { default: carried } = await import('@sparticuz/chromium');
    const executablePath = await carried.executablePath();
    const env = {
      ...process.env,
      TMPDIR: home,
      FONTCONFIG_PATH: writeFontSettings(home),
    } as Record<string, string>;
    return await chromium.launch({ executablePath, args: ARGUMENTS, headless: true, env });
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}
