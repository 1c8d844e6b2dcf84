// Bodies that a route must refuse, made from its schema and one good body.

const nested = (levels) => '['.repeat(levels) + ']'.repeat(levels)

/// Bodies that are no JSON at all, or JSON that nobody should take. `{what, body, code}`.
export const brokenBodies = [
    ['only blanks', ' \n'],
    ['cut in an object', '{"a":'],
    ['cut in a string', '{"a":"b'],
    ['no value', '{"a":}'],
    ['single quotes', "{'a':1}"],
    ['text behind', '{"a":1}x'],
    ['a comma too many', '{"a":1,}'],
    ['a comment', '{"a":1/**/}'],
    ['a key twice', '{"a":1,"a":2}'],
    ['a leading zero', '{"a":01}'],
    ['NaN', '{"a":NaN}'],
    ['a bare word', 'nul'],
    ['a control character', '{"a":"\u0001"}'],
    ['a NUL', '{"a":"\u0000"}'],
    ['a NUL behind', '{"a":1}\u0000'],
    ['half a surrogate pair', '{"a":"\\ud800"}'],
    ['a byte-order mark', '\ufeff{}'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['a cut UTF-8 sequence', Buffer.from([0x22, 0xe2, 0x82, 0x22])],
    ['overlong UTF-8', Buffer.from([0x22, 0xc0, 0x80, 0x22])],
    ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['1,000 levels', nested(1_000)],
    ['100,000 levels', nested(100_000)],
    ['1,000 levels of objects', '{"a":'.repeat(1_000) + '1' + '}'.repeat(1_000)],
    ['100,000 levels, never closed', '['.repeat(100_000)],
    ['400,000 values', `[${'1,'.repeat(400_000)}1]`],
].map(([what, body]) => ({ what, body }))

/// Whole bodies of the wrong type.
export const wrongDocuments = ['[]', '"text"', '5', 'true', 'null', '[{}]']
    .map((body) => ({ what: `the body ${body}`, body, pointer: '' }))

class Raw { // text that JSON.stringify cannot write
    constructor(text) {
        this.text = text
    }
}
const huge = [new Raw('1e400'), new Raw('-1e400'), new Raw('9'.repeat(400)), new Raw('99999999999999999999')]

function write(value) {
    const raws = []
    const text = JSON.stringify(value, (_, item) =>
        item instanceof Raw ? `\ue000${raws.push(item.text) - 1}\ue000` : item)
    return text.replace(/"\ue000(\d+)\ue000"/g, (_, index) => raws[Number(index)])
}

/// A schema with its references and alternatives resolved; `isDecimal` for amounts.
function resolve(schema, components) {
    if (schema.$ref) {
        const name = schema.$ref.split('/').pop()
        return { ...resolve(components[name], components), isDecimal: name === 'Decimal' }
    }
    if (schema.allOf) return resolve(schema.allOf[0], components)
    const several = schema.oneOf ?? schema.anyOf
    if (several && !schema.properties)
        return resolve(several.find((one) => one.type !== 'null'), components)
    const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type
    return { ...schema, type }
}

function wrongTexts(schema) {
    const wrong = [5, true, {}, [], 'a\u0000b', 'a\u0001b', 'a\u007fb']
    if (schema.enum || schema.const) wrong.push('nonsense', '')
    if (schema.format === 'uuid') wrong.push('nonsense', '', '01234567-89ab-7def-8123-456789abcdeg')
    if (schema.format === 'date-time') wrong.push('tomorrow', '2026-02-30T00:00:00Z', '2026-01-01')
    if (schema.pattern) wrong.push('NOT ALLOWED', '-')
    if (schema.minLength > 1) wrong.push('x'.repeat(schema.minLength - 1))
    wrong.push('x'.repeat((schema.maxLength ?? 5_000) + 1))
    return wrong
}

function wrongValues(schema) {
    if (schema.isDecimal)
        return [true, {}, [], 'abc', '', ' 1', '0x10', 'NaN', 'Infinity', '1,5', '0.0000000000001',
            '1'.repeat(60), ...huge]
    switch (schema.type) {
        case 'integer':
            return ['abc', 1.5, true, {}, [], ...huge, (schema.minimum ?? 0) - 1,
                ...(schema.maximum === undefined ? [] : [schema.maximum + 1])]
        case 'boolean': return ['yes', 1, {}, []]
        case 'string': return wrongTexts(schema)
        case 'array': return [{}, 'text', 5]
        case 'object': return [[], 'text', 5]
        default: throw new Error(`bad_bodies: a schema of type ${schema.type}`)
    }
}

const short = (value) => write(value).slice(0, 40)

/// Every way to spoil one field of `good`: {what, body, pointer}. `put(value)` makes the whole
/// document with `value` in the place of this object.
function spoilObject(schema, components, good, pointer, put) {
    const cases = []
    const add = (what, value, at) => cases.push({ what, body: write(put(value)), pointer: at })
    add('an unknown field', { ...good, unheard_of: 1 }, `${pointer}/unheard_of`)
    add('an unknown field to escape', { ...good, 'a/b~c': 1 }, `${pointer}/a~1b~0c`)
    for (const [name, property] of Object.entries(schema.properties)) {
        const field = resolve(property, components)
        const at = `${pointer}/${name}`
        if (schema.required?.includes(name)) {
            const { [name]: _, ...rest } = good
            add(`${at} missing`, rest, at)
            add(`${at} null`, { ...good, [name]: null }, at)
        }
        for (const value of wrongValues(field))
            add(`${at} = ${short(value)}`, { ...good, [name]: value }, at)
        cases.push(...spoilInside(field, components, good[name], at,
            (value) => put({ ...good, [name]: value })))
    }
    return cases
}

function spoilInside(field, components, good, at, put) {
    // One of several ways to say it, and this body goes another one.
    if (field.type === 'object' && field.required && good === undefined) return []
    if (field.type === 'object' && field.properties)
        return spoilObject(field, components, good ?? {}, at, put)
    if (field.type !== 'array') return []
    const item = resolve(field.items, components)
    if (item.properties)
        return spoilObject(item, components, good[0], `${at}/0`, (value) => put([value]))
    return [5, {}, null, 'a\u0000b', ''].map((value) => ({
        what: `${at}/0 = ${short(value)}`, body: write(put([value])), pointer: `${at}/0` }))
}

/// Cases for a route's whole body.
export function spoiledBodies(schema, components, good) {
    const cases = spoilObject(resolve(schema, components), components, good, '', (value) => value)
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`unheard_of_${i}`, 1]))
    cases.push({ what: '2,000 unknown fields', body: write({ ...good, ...many }) })
    return cases
}
