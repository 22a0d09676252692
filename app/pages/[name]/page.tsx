import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { SINGLE_PAGES, type SinglePage } from '../../../lib/model/list-address.ts';
import NotFound from '../../not-found.tsx';
import { AboutPage } from './about.tsx';
import { BotPage } from './bot.tsx';
import { FailedPage } from './failed.tsx';
import { MutePage } from './mute.tsx';

// Pages whose address is their name. They are one route with a parameter, so that none of them is
// made at build time, when there is no database and no name of the site.

interface Props {
  params: Promise<{ name: string }>;
}

export const generateStaticParams = () => [{ name: 'none' }];

const TITLES: Record<SinglePage, string> = {
  about: 'About',
  bot: 'How our fetcher behaves',
  mute: 'What is muted',
  'nothing-here': 'Nothing at this address',
  'not-just-now': 'Not just now',
};

async function nameOf(params: Props['params']): Promise<SinglePage> {
  const { name } = await params;
  return SINGLE_PAGES.find((each) => each === name) ?? notFound();
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const name = await nameOf(params);
  if (name === 'nothing-here' || name === 'not-just-now' || name === 'mute') {
    return { title: TITLES[name], robots: { index: false } };
  }
  return { title: TITLES[name], alternates: { canonical: `/${name}` } };
}

export default async function NamedPage({ params }: Props) {
  switch (await nameOf(params)) {
    case 'about':
      return <AboutPage />;
    case 'bot':
      return <BotPage />;
    case 'mute':
      return <MutePage />;
    case 'nothing-here':
      return <NotFound />;
    case 'not-just-now':
      return <FailedPage />;
  }
}
