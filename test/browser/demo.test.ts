import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSite } from '../../lib/embedded/build-site.ts';
import { isAlive } from '../../lib/embedded/process.ts';
import { readRun } from '../../lib/embedded/run-file.ts';
import { findProcesses, waitFor } from '../support/processes.ts';
import { runTagwire } from '../support/run-command.ts';
import { type RunningUp, runUp } from '../support/run-up.ts';
import { openBrowser } from '../support/windows.ts';

// One reader's way through the demo, as it is started by `npm run demo`.

const READER = 'ada@example.org';
const FEED = '/slow-query/feed.xml';
let dataDir: string;
let up: RunningUp;
let context: BrowserContext;
/** What the browser complained of, on whatever page. */
const complaints: string[] = [];
/** What pages of the site have loaded from elsewhere. */
const foreign: string[] = [];

beforeAll(async () => {
  await buildSite();
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'tagwire-demo-'));
  fs.chmodSync(dataDir, 0o755);
  up = runUp(dataDir, { args: ['--demo'] });
  // A transition between pages that waits for a busy machine is given up with an error.
  context = await (await openBrowser()).newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(20_000);
  context.on('page', (page) => {
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  });
  context.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    complaints.push(`${message.page()?.url()}: ${message.text()}`);
  });
  context.on('request', (request) => {
    if (request.isNavigationRequest()) return;
    const [page, asked] = [request.frame().url(), request.url()].map((url) => new URL(url).origin);
    if (page === new URL(printed('Site')).origin && asked !== page) foreign.push(request.url());
  });
  await up.ready;
});
afterAll(async () => {
  await context?.close();
  up.child.kill('SIGTERM');
  await up.exited;
  await waitFor('the end of every part', () => findProcesses(dataDir).length === 0);
  fs.rmSync(dataDir, { recursive: true });
});

/** An address that `up` has printed. */
function printed(name: string): string {
  const address = new RegExp(`^ {2}${name} +(\\S+)$`, 'mu').exec(up.output())?.[1];
  if (address === undefined) throw new Error(`no address of ${name} in:\n${up.output()}`);
  return address;
}

const heading = (page: Page) => page.locator('h1').innerText();

/** A post appears in a sample feed, which is polled. */
async function publish(title: string, html: string): Promise<void> {
  const answer = await fetch(`${printed('Feeds')}/publish`, {
    method: 'POST',
    body: JSON.stringify({ title, html, tags: ['Zoology'], source: 'slow-query' }),
  });
  expect(answer.status).toBe(201);
  await poll(FEED);
}

/** @param which an address of the server of the feeds, or `--all`. */
async function poll(which: string): Promise<void> {
  const feed = which.startsWith('/') ? printed('Feeds') + which : which;
  const { end, stderr } = await runTagwire(['poll', feed, '--wait'], { TAGWIRE_DATA: dataDir });
  if (end !== 'code 0') throw new Error(`poll: ${end}\n${stderr}`);
}

/** Subjects of the mails that have been caught, newest first. */
async function readSubjects(page: Page): Promise<string[]> {
  await page.goto(printed('Mail'));
  return page.locator('li a').allInnerTexts();
}

async function expectMails(page: Page, subjects: string[]): Promise<void> {
  await expect.poll(() => readSubjects(page), { timeout: 20_000 }).toEqual(subjects);
}

/** Opens a mail and follows one of its links, which opens a page of its own. */
async function followFromMail(page: Page, subject: string, purpose: string): Promise<Page> {
  await page.goto(printed('Mail'));
  await page.getByRole('link', { name: subject }).click();
  const opened = context.waitForEvent('page');
  await page.locator(`pre a[href*="/alerts/${purpose}/"]`).first().click();
  const target = await opened;
  await target.waitForLoadState();
  return target;
}

async function readAndSearch(page: Page): Promise<void> {
  await page.goto(printed('Site'));
  expect(await heading(page)).toBe('Newest posts');
  expect(await page.locator('article.post').count()).toBe(20);
  await page.locator('article.post .tags a').getByText('Postgres', { exact: true }).first().click();
  expect(await heading(page)).toBe('Tag Archives: Postgres');
  await page.getByRole('search').first().getByRole('searchbox').fill('timestmap');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/search\?q=timestmap/u);
  expect(await heading(page)).toMatch(/posts? with words like timestmap$/u);
  expect(await page.locator('article.post mark').first().innerText()).toMatch(/^timestamps?$/iu);
}

async function askForAlert(page: Page, query: string): Promise<void> {
  await page.getByRole('link', { name: 'Alerts', exact: true }).click();
  await page.getByLabel('Words to watch for').fill(query);
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.waitForURL(/\/alerts\?.*query=/u);
  expect(await page.locator('.live .big').innerText()).toBe('Nothing so far');
  await page.getByLabel('At once').check();
  await page.getByLabel('Your address').fill(READER);
  await page.getByRole('button', { name: 'Send the confirmation' }).click();
  await page.waitForURL(/\/alerts\/asked$/u);
  expect(await heading(page)).toBe('Look into your mail');
}

test('a reader finds posts, asks for an alert, gets one mail for one post, and stops it', async () => {
  const page = await context.newPage();
  await readAndSearch(page);

  await askForAlert(page, 'quokka');
  const confirmation = 'Confirm your alert: quokka';
  await expectMails(page, [confirmation]);
  await publish('A quokka too early', '<p>Nobody has confirmed anything yet.</p>');
  const confirm = await followFromMail(page, confirmation, 'confirm');
  expect(await heading(confirm)).toBe('Begin this alert?');
  await confirm.getByRole('button', { name: 'Confirm' }).click();
  await confirm.getByText('The alert is in force').waitFor();

  const found = 'quokka: Marsupials in production';
  await publish(
    'Marsupials in production',
    '<p>It was a quiet week.</p><p>Then a quokka sat down on the keyboard.</p>',
  );
  await expectMails(page, [found, confirmation]);
  await poll('--all');
  expect(await readSubjects(page)).toEqual([found, confirmation]);
  await page.getByRole('link', { name: found }).click();
  const text = await page.locator('pre').innerText();
  expect(text).toContain('Then a quokka sat down on the keyboard.');
  expect(text).toContain('Slow Query');
  expect(text).toContain(`${printed('Feeds')}/slow-query/fresh-2`);

  const stop = await followFromMail(page, found, 'unsubscribe');
  expect(await heading(stop)).toBe('Stop this alert?');
  await stop.getByRole('button', { name: 'Stop it' }).click();
  await stop.getByRole('heading', { name: 'The alert is stopped' }).waitFor();

  await publish('The quokka returns', '<p>A second quokka, for good measure.</p>');
  await page.goto(`${printed('Site')}/tag/zoology`);
  expect(await page.locator('article.post h2').allInnerTexts()).toEqual([
    'The quokka returns',
    'Marsupials in production',
    'A quokka too early',
  ]);
  expect(await readSubjects(page)).toEqual([found, confirmation]);
  expect(complaints).toEqual([]);
  // Pictures of sample posts are on the server of their feeds.
  expect(foreign).toEqual([]);
});

test('a script that a page does not allow would have been heard of', async () => {
  const page = await context.newPage();
  await page.goto(printed('Site'));
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.text = 'document.title = "taken"';
    document.body.append(script);
  });
  expect(await page.title()).not.toBe('taken');
  await expect.poll(() => complaints.join()).toContain('Content Security Policy');
});

test('everything ends cleanly, however often it is asked to', async () => {
  const parts = Object.values(readRun(dataDir)?.pids ?? {});
  expect(parts).not.toEqual([]);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT'] as const) up.child.kill(signal);
  expect(await up.exited).toBe('code 0');
  expect(parts.filter(isAlive)).toEqual([]);
  expect(fs.existsSync(path.join(dataDir, 'run.json'))).toBe(false);
});
