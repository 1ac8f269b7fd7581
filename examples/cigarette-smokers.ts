/**
 * The cigarette smokers: three ingredients make a cigarette, each smoker has one of them without end, and the dealer puts the other two on the table.
 *
 * Teaches: a choice in the initial states and in an action.
 * Origin: CigaretteSmokers (tlaplus/Examples, CigaretteSmokers), after Patil's problem of 1971.
 */
import { bool, enumOf, map, model, pick, set, spec, when } from 'tsmc'

export default spec('cigarette-smokers', () => {
  const Ingredient = enumOf('matches', 'paper', 'tobacco')
  /** All but one of the ingredients. */
  const Offers = Ingredient.values().map((missing) => new Set(Ingredient.filter((ingredient) => ingredient !== missing)))

  const m = model({ table: set(Ingredient), smoking: map(Ingredient, bool) })

  m.init((s) => {
    s.table = pick(Offers)
  })

  m.action('Start', (s) => {
    when(s.table.size > 0)
    for (const smoker of Ingredient) s.smoking[smoker] = Ingredient.every((needed) => needed === smoker || s.table.has(needed))
    s.table.clear()
  })

  m.action('Stop', (s) => {
    when(s.table.size === 0)
    const smoker = Ingredient.find((ingredient) => s.smoking[ingredient])
    when(smoker !== undefined)
    s.smoking[smoker] = false
    s.table = pick(Offers)
  })

  m.invariant('AtMostOne', (s) => Ingredient.count((smoker) => s.smoking[smoker]) <= 1)
  return m
}).instance('three smokers', {}, { states: 6, generated: 15, depth: 2 })
