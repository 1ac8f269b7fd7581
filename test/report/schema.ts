/** The part of JSON Schema that result.schema.json uses. */
type Schema = boolean | { readonly [key: string]: any }

/** The places where a value does not fit, empty where it fits. */
export function misfits(schema: Schema, value: unknown, root: Schema = schema, at = '$'): string[] {
  if (schema === true) return []
  if (schema === false) return [`${at}: nothing is allowed here`]
  const out: string[] = []
  const unfit = (why: string): void => void out.push(`${at}: ${why}`)
  for (const [key, rule] of Object.entries(schema)) {
    switch (key) {
      case '$ref': {
        const target = (rule as string)
          .split('/')
          .slice(1)
          .reduce((inner: any, name) => inner[name], root)
        out.push(...misfits(target, value, root, at))
        break
      }
      case 'const':
        if (value !== rule) unfit(`${JSON.stringify(rule)} was expected`)
        break
      case 'enum':
        if (!rule.includes(value)) unfit(`one of ${rule} was expected`)
        break
      case 'type':
        if (![rule].flat().some((type: string) => typeOf(value) === type || (type === 'integer' && Number.isInteger(value))))
          unfit(`${rule} was expected`)
        break
      case 'minimum':
        if ((value as number) < rule) unfit(`at least ${rule} was expected`)
        break
      case 'maximum':
        if ((value as number) > rule) unfit(`at most ${rule} was expected`)
        break
      case 'oneOf': {
        const fitting = (rule as Schema[]).filter((inner) => misfits(inner, value, root, at).length === 0)
        if (fitting.length !== 1)
          unfit(`fits ${fitting.length} alternatives: ${(rule as Schema[]).flatMap((inner) => misfits(inner, value, root, at)).join('; ')}`)
        break
      }
      case 'items':
        if (Array.isArray(value))
          out.push(...value.slice(schema.prefixItems?.length ?? 0).flatMap((item, i) => misfits(rule, item, root, `${at}[${i}]`)))
        break
      case 'prefixItems':
        if (Array.isArray(value)) out.push(...value.slice(0, rule.length).flatMap((item, i) => misfits(rule[i], item, root, `${at}[${i}]`)))
        break
      case 'minItems':
        if (Array.isArray(value) && value.length < rule) unfit(`at least ${rule} items were expected`)
        break
      case 'required':
        for (const name of rule) if (isObject(value) && !Object.hasOwn(value, name)) unfit(`${name} is missing`)
        break
      case 'properties':
        for (const [name, inner] of Object.entries(rule))
          if (isObject(value) && Object.hasOwn(value, name)) out.push(...misfits(inner as Schema, value[name], root, `${at}.${name}`))
        break
      case 'additionalProperties':
        if (isObject(value))
          for (const name of Object.keys(value))
            if (!Object.hasOwn(schema.properties ?? {}, name)) out.push(...misfits(rule, value[name], root, `${at}.${name}`))
        break
      case 'propertyNames':
        if (isObject(value))
          for (const name of Object.keys(value)) if (!new RegExp(rule.pattern, 'u').test(name)) unfit(`the name ${name} is not allowed`)
        break
      case '$schema':
      case '$defs':
      case 'title':
      case 'description':
        break
      default:
        throw new Error(`the keyword ${key} is not known here`)
    }
  }
  return out
}

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)
const isObject = (value: unknown): value is Record<string, unknown> => typeOf(value) === 'object'
