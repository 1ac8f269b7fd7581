/**
 * Why a mutant survives that is no equivalent of the model, by spec, and by `action: mutant`. Checked by hand, against the model and the code of TiKV that
 * it is a model of; scripts/mutants.js prints the ones that lack a reason.
 */
export const REASONS = {}
