import { z } from 'zod';

// JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) with nothing beside it: what is not in the
// specification begins with an underscore.

const address = z.url({ protocol: /^https?$/u });
const filled = z.string().regex(/\S/u);
const moment = z.iso.datetime({ offset: true });
const language = z.string().regex(/^[a-z]{2,8}(-[a-z\d]{1,8})*$/iu);

/** An author has one of its three at least. */
const author = z
  .strictObject({ name: filled, url: address, avatar: address })
  .partial()
  .refine((given) => Object.keys(given).length > 0, 'an author is somebody');

const attachment = z.strictObject({
  url: address,
  mime_type: z.string().regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/u),
  title: z.string().optional(),
  size_in_bytes: z.int().min(0).optional(),
  duration_in_seconds: z.number().min(0).optional(),
});

const item = z
  .strictObject({
    id: filled,
    url: address.optional(),
    external_url: address.optional(),
    title: z.string().optional(),
    content_html: z.string().optional(),
    content_text: z.string().optional(),
    summary: z.string().optional(),
    image: address.optional(),
    banner_image: address.optional(),
    date_published: moment.optional(),
    date_modified: moment.optional(),
    authors: z.array(author).optional(),
    tags: z.array(filled).optional(),
    language: language.optional(),
    attachments: z.array(attachment).optional(),
  })
  .refine((given) => given.content_html !== undefined || given.content_text !== undefined, {
    message: 'an item has content',
  });

export const jsonFeed = z
  .strictObject({
    version: z.literal('https://jsonfeed.org/version/1.1'),
    title: filled,
    home_page_url: address.optional(),
    feed_url: address.optional(),
    description: z.string().optional(),
    user_comment: z.string().optional(),
    next_url: address.optional(),
    icon: address.optional(),
    favicon: address.optional(),
    authors: z.array(author).optional(),
    language: language.optional(),
    expired: z.boolean().optional(),
    hubs: z.array(z.strictObject({ type: filled, url: address })).optional(),
    items: z.array(item),
  })
  .refine(
    ({ items }) => new Set(items.map(({ id }) => id)).size === items.length,
    'ids of items are unique',
  )
  .refine((given) => given.next_url !== given.feed_url, 'the next page is another one');
