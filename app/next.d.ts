// Next writes next-env.d.ts at its first build; types must hold on a fresh checkout as well.
/// <reference types="next" />

declare module '*.css';
