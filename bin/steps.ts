const MS_PER_S = 1000;

/** Prints what has been reached to standard error, each with the seconds since the start. */
export function stepPrinter(): (text: string) => void {
  const started = performance.now();
  return (text) => {
    const seconds = ((performance.now() - started) / MS_PER_S).toFixed(1).padStart(6);
    process.stderr.write(`${seconds} s  ${text}\n`);
  };
}
