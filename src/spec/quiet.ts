/** Functions of a spec are called again to learn from them, to compare, to take a trace: what they log then was told before. */
type Quietly = <T>(run: () => T) => T

/** Runs something of which nothing that it logs is told. Where nobody listens to what a spec logs it just runs. */
export let silently: Quietly = (run) => run()

/** Whoever listens to what specs log says how that is left out. */
export function useSilence(given: Quietly): void {
  silently = given
}
