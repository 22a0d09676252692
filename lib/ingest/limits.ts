// Limits of one feed. Real feeds stay far below; what lies beyond is cut or dropped, and said so.

/** A feed after decompression. The largest honest ones (whole-site archives) are about 5 MB. */
export const FEED_BYTES_MAX = 8 * 1024 * 1024;
/** Items read from one feed, newest first as feeds are written; some archives carry 5,000. */
export const FEED_ITEMS_MAX = 5_000;
/** Decode, repair, parse, normalise and sanitise of one feed. Honest feeds take milliseconds. */
export const READ_FEED_MS_MAX = 5_000;
/** A title in characters; longer ones are whole posts in the wrong element. */
export const TITLE_CHARACTERS_MAX = 1_000;
/** An address in characters; browsers and proxies give up near 8,000. */
export const URL_CHARACTERS_MAX = 2_048;
/** A guid in characters. */
export const GUID_CHARACTERS_MAX = 2_048;
/** Names and addresses of one author in characters. */
export const AUTHOR_CHARACTERS_MAX = 200;
/** Authors of one post. */
export const AUTHORS_MAX = 20;
/** Raw categories kept of one post. */
export const CATEGORIES_MAX = 200;
/** A raw category in characters; longer ones are texts in the wrong element. */
export const CATEGORY_CHARACTERS_MAX = 256;
/** Tags of one post. */
export const TAGS_MAX = 32;
/** A statement of rights in characters; longer ones are whole contracts. */
export const LICENCE_CHARACTERS_MAX = 300;
/** Attached files of one post. */
export const ENCLOSURES_MAX = 50;
/** A body before sanitising, in characters: a book's chapter is about 50,000. */
export const BODY_CHARACTERS_MAX = 1_000_000;
/** Elements read of one item: categories and pictures are most of them. */
export const ITEM_ELEMENTS_MAX = 2_000;
/** Elements read of a channel beside its items; tombstones are most of them. */
export const CHANNEL_ELEMENTS_MAX = 10_000;
/** Summary as lists show it, in characters. */
export const SUMMARY_CHARACTERS_MAX = 400;
