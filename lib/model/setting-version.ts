/**
 * Of the rules by which pages set bodies (lib/ingest/set-body.ts). Raise it when they change: what
 * older ones have set is set again.
 */
export const SETTING_VERSION = 2;
