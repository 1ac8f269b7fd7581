/** What an action does wrong is refused with its place, the value, what is allowed, and what to do; the same with and without learning. */
import { bag, bool, ensure, enumOf, ids, int, map, model, option, pick, record, seq, set, spec, union, when } from 'tsmc'
import { describe, expect, test } from 'vitest'
import { refused } from './refused.ts'

const Region = ids('r', 2)
const Phase = enumOf('absent', 'loading')

/** The error of a spec whose only action has this body, over variables of every kind; without the trace, which is the initial state. */
async function acting(body: (s: any) => void): Promise<string> {
  const s = spec('s', () => {
    const m = model({
      x: int(0, 3),
      flag: bool,
      phase: Phase,
      region: map(Region, record({ phase: Phase, n: int(0, 2) })),
      seen: set(Region),
      queue: seq(int(0, 9), 2),
      bag: bag(Region, 1),
      message: union('type', { put: { key: Region }, get: {} }),
      last: option(record({ a: bool })),
    })
    m.action('Act', body)
    return m
  })
  const text = await refused(s)
  expect(await refused(s, { learning: false })).toBe(text)
  expect(text.split('\n').slice(1, 3)).toEqual(['  it was reached by', expect.stringMatching(/^ {5}0 {2}\{x: 0, flag: false, /)])
  return text.split('\n').toSpliced(1, 2).join('\n')
}

describe('values', () => {
  test('an int outside its range', async () => {
    expect(
      await acting((s) => {
        s.x = 4
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.x = 4» x in the action Act: 4 is outside int(0, 3)
      "
    `)
  })
  test('an int that is no integer', async () => {
    expect(
      await acting((s) => {
        s.x = 1.5
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.x = 1.5» x in the action Act: 1.5 is not an integer: int(0, 3) was expected
      "
    `)
  })
  test('an int that is no number', async () => {
    expect(
      await acting((s) => {
        s.x = '1'
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.x = '1'» x in the action Act: "1" is not a number: int(0, 3) was expected
      "
    `)
  })
  test('a boolean', async () => {
    expect(
      await acting((s) => {
        s.flag = 1
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.flag = 1» flag in the action Act: 1 is not a boolean
      "
    `)
  })
  test('an unknown member of an enum', async () => {
    expect(
      await acting((s) => {
        s.phase = 'lodaing'
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.phase = 'lodaing'» phase in the action Act: "lodaing" is not a member of enumOf('absent', 'loading')
      "
    `)
  })
  test('inside a map and a record', async () => {
    expect(
      await acting((s) => {
        s.region.r2.phase = 'gone'
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.region.r2.phase = 'gone'» region.r2.phase in the action Act: "gone" is not a member of enumOf('absent', 'loading')
      "
    `)
  })
  test('inside a literal', async () => {
    expect(
      await acting((s) => {
        s.region.r2 = { phase: 'absent', n: 7 }
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.region.r2 = { phase: 'absent', n: 7 }» region.r2.n in the action Act: 7 is outside int(0, 2)
      "
    `)
  })
  test('a record without one of its fields', async () => {
    expect(
      await acting((s) => {
        s.region.r2 = { phase: 'absent' }
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.region.r2 = { phase: 'absent' }» region.r2 in the action Act: the field "n" of record({ phase: enumOf('absent', 'loading'), n: int(0, 2) }) is missing
      "
    `)
  })
  test('a record with a field too many', async () => {
    expect(
      await acting((s) => {
        s.region.r2 = { phase: 'absent', n: 1, m: 1 }
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.region.r2 = { phase: 'absent', n: 1, m: 1 }» region.r2 in the action Act: there is no field "m" in record({ phase: enumOf('absent', 'loading'), n: int(0, 2) })
      "
    `)
  })
  test('a map without one of its keys', async () => {
    expect(
      await acting((s) => {
        s.region = { r1: s.region.r1 }
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.region = { r1: s.region.r1 }» region in the action Act: the key "r2" of map(ids('r', 2), record({ phase: enumOf('absent', 'loading'), n: int(0, 2) })) is missing: a map has a value for every key
      "
    `)
  })
  test('a map with a key too many', async () => {
    expect(
      await acting((s) => {
        s.region = { ...s.region, r3: s.region.r1 }
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.region = { ...s.region, r3: s.region.r1 }» region in the action Act: there is no key "r3" in map(ids('r', 2), record({ phase: enumOf('absent', 'loading'), n: int(0, 2) }))
      "
    `)
  })
  test('an option that is undefined', async () => {
    expect(
      await acting((s) => {
        s.last = undefined
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.last = undefined» last in the action Act: undefined is not a record: record({ a: bool }) was expected
      "
    `)
  })
  test('a set of something else', async () => {
    expect(
      await acting((s) => {
        s.seen = 3
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.seen = 3» seen in the action Act: 3 is not a set: set(ids('r', 2)) was expected
      "
    `)
  })
  test('an element that a set cannot have', async () => {
    expect(
      await acting((s) => {
        s.seen.add('r3')
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.seen.add('r3')» an element of seen in the action Act: "r3" is not a member of ids('r', 2)
      "
    `)
  })
  test('a sequence that overflows by push', async () => {
    expect(
      await acting((s) => {
        s.queue.push(1, 2, 3)
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.queue.push(1, 2, 3)» queue in the action Act: a sequence of 3 elements is longer than seq(int(0, 9), 2) allows; guard the action with when(… .length < 2) or raise the bound
      "
    `)
  })
  test('a sequence that overflows by assignment', async () => {
    expect(
      await acting((s) => {
        s.queue = [1, 2, 3]
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.queue = [1, 2, 3]» queue in the action Act: a sequence of 3 elements is longer than seq(int(0, 9), 2) allows; guard the action with when(… .length < 2) or raise the bound
      "
    `)
  })
  test('a sequence that overflows by index', async () => {
    expect(
      await acting((s) => {
        s.queue[2] = 3
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.queue[2] = 3» queue in the action Act: a sequence of 3 elements is longer than seq(int(0, 9), 2) allows; guard the action with when(… .length < 2) or raise the bound
      "
    `)
  })
  test('a hole in a sequence', async () => {
    expect(
      await acting((s) => {
        s.queue[1] = 3
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.queue[1] = 3» queue[1] in the action Act: the sequence has 0 elements, so there would be a hole
        hint: use push()
      "
    `)
  })
  test('an element of a sequence', async () => {
    expect(
      await acting((s) => {
        s.queue.push(10)
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.queue.push(10)» queue[0] in the action Act: 10 is outside int(0, 9)
      "
    `)
  })
  test('too many copies in a bag', async () => {
    expect(
      await acting((s) => {
        s.bag.add('r1').add('r1')
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.bag.add('r1').add('r1')» bag in the action Act: more than 1 copy of "r1" in bag(ids('r', 2), 1)
      "
    `)
  })
  test('an unknown variant of a union', async () => {
    expect(
      await acting((s) => {
        s.message = { type: 'del' }
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.message = { type: 'del' }» message in the action Act: type: "del" is none of union('type', put | get)
      "
    `)
  })
  test('a variant without one of its fields', async () => {
    expect(
      await acting((s) => {
        s.message = { type: 'put' }
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.message = { type: 'put' }» message in the action Act: the field "key" of the variant 'put' of union('type', put | get) is missing
      "
    `)
  })
  test('a field of another variant', async () => {
    expect(
      await acting((s) => {
        s.message = { type: 'get', key: 'r1' }
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.message = { type: 'get', key: 'r1' }» message in the action Act: there is no field "key" in the variant 'get' of union('type', put | get)
      "
    `)
  })
  test('the tag of a union', async () => {
    expect(
      await acting((s) => {
        s.message.type = 'get'
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.message.type = 'get'» the action Act writes message.type, the tag of a union
        hint: assign a whole record of the other variant instead
      "
    `)
  })
})

describe('names', () => {
  test('reading a variable that does not exist', async () => {
    expect(
      await acting((s) => {
        s.x = s.y
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.x = s.y» the action Act reads y, but the state has no "y"
        hint: there are x, flag, phase, region, seen, queue, bag, message, last
      "
    `)
  })
  test('a misspelt variable', async () => {
    expect(
      await acting((s) => {
        s.flag = s.phsae === 'absent'
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.flag = s.phsae === 'absent'» the action Act reads phsae, but the state has no "phsae"
        hint: did you mean phase? there are x, flag, phase, region, seen, queue, bag, message, last
      "
    `)
  })
  test('writing a variable that does not exist', async () => {
    expect(
      await acting((s) => {
        s.flg = true
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.flg = true» the action Act writes flg, but the state has no "flg"
        hint: did you mean flag? there are x, flag, phase, region, seen, queue, bag, message, last
      "
    `)
  })
  test('a misspelt field', async () => {
    expect(
      await acting((s) => {
        s.flag = s.region.r1.fase === 'absent'
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.flag = s.region.r1.fase === 'absent'» the action Act reads region.r1.fase, but the record has no "fase"
        hint: did you mean phase? there are phase, n
      "
    `)
  })
  test('writing a field that does not exist', async () => {
    expect(
      await acting((s) => {
        s.region.r1.m = 1
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.region.r1.m = 1» the action Act writes region.r1.m, but the record has no "m"
        hint: there are phase, n
      "
    `)
  })
  test('reading a key that does not exist', async () => {
    expect(
      await acting((s) => {
        s.x = s.region.r3.n
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.x = s.region.r3.n» the action Act threw TypeError: Cannot read properties of undefined (reading 'n')
        hint: region.r3 is undefined: ids('r', 2) has no "r3"; did you mean r1? there are r1, r2
      "
    `)
  })
  test('writing a key that does not exist', async () => {
    expect(
      await acting((s) => {
        s.region.r3 = s.region.r1
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.region.r3 = s.region.r1» the action Act writes region.r3, but ids('r', 2) has no "r3"
        hint: did you mean r1? there are r1, r2
      "
    `)
  })
  test('a field of no variant', async () => {
    expect(
      await acting((s) => {
        s.flag = s.message.kee === 'r1'
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.flag = s.message.kee === 'r1'» the action Act reads message.kee, but the variant "put" of union('type', put | get) has no "kee"
        hint: look at type first; it has type, key
      "
    `)
  })
  test('a method that sequences do not have', async () => {
    expect(
      await acting((s) => {
        s.queue.pusch(3)
      }),
    ).toMatchInlineSnapshot(`
      "error: «s.queue.pusch(3)» the action Act threw TypeError: s.queue.pusch is not a function
        hint: a function of a spec may throw nothing; guard it with when(), or state the assertion with ensure()
      "
    `)
  })
})

describe('calls', () => {
  test('pick from nothing at all', async () => {
    expect(
      await acting((_s) => {
        pick(null as never)
      }),
    ).toMatchInlineSnapshot(`
      "error: «pick(null as never)» pick() was given null in the action Act
        hint: give it a type, a set, a sequence or an array to choose from
      "
    `)
  })
  test('pick from a number', async () => {
    expect(
      await acting((_s) => {
        pick(3 as never)
      }),
    ).toMatchInlineSnapshot(`
      "error: «pick(3 as never)» pick() was given 3 in the action Act
        hint: give it a type, a set, a sequence or an array to choose from
      "
    `)
  })
  test('an assertion without a message', async () => {
    expect(
      await acting((_s) => {
        ensure(false, '')
      }),
    ).toMatchInlineSnapshot(`
      "error: «ensure(false, '')» ensure() in the action Act has no message
        hint: name the assertion: ensure(condition, 'what must be true')
      "
    `)
  })
  test('a guard that is a promise', async () => {
    expect(
      await acting((_s) => {
        when(Promise.resolve(true))
      }),
    ).toMatchInlineSnapshot(`
      "error: «when(Promise.resolve(true))» when() was given a promise in the action Act
        hint: actions are synchronous: a step of the model happens at once
      "
    `)
  })
  test('a callback that answers no boolean', async () => {
    expect(
      await acting((_s) => {
        Region.every((() => 1) as never)
      }),
    ).toMatchInlineSnapshot(`
      "error: «Region.every((() => 1) as never)» the action Act: the callback of every() must return a boolean, it returned 1
      "
    `)
  })
})
