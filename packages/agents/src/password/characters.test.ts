import { expect, test } from 'vitest'
import {
  alphabets,
  characterClasses,
  characters,
  countCharacters,
  hasClass,
  lookAlikes,
} from './characters.ts'

const all = { uppercase: true, lowercase: true, numbers: true, symbols: true }

test('every character of a class belongs to that class and to no other', () => {
  for (const name of characterClasses) {
    for (const one of characters[name]) {
      expect(characterClasses.filter((other) => hasClass(one, other))).toEqual([name])
    }
  }
})

test('symbols leave out what shells and forms spoil', () => {
  for (const one of '\'"`\\ ') expect(characters.symbols).not.toContain(one)
})

test('an alphabet has nothing of unwanted classes', () => {
  const left = alphabets({
    classes: { ...all, symbols: false },
    excludeLookAlikes: false,
    exclude: '',
  })
  expect(left.symbols).toEqual([])
  expect(left.numbers.join('')).toBe('0123456789')
})

test('an alphabet lacks look-alikes and excluded characters', () => {
  const left = alphabets({ classes: all, excludeLookAlikes: true, exclude: 'a$' })
  const drawn = characterClasses.flatMap((name) => left[name]).join('')
  for (const one of `${lookAlikes}a$`) expect(drawn).not.toContain(one)
  expect(left.numbers.join('')).toBe('34679')
})

test('a class whose characters are all excluded is empty', () => {
  expect(
    alphabets({ classes: all, excludeLookAlikes: false, exclude: '0123456789' }).numbers,
  ).toEqual([])
})

test('letters of other scripts have their case, and a space has no class', () => {
  expect(hasClass('É', 'uppercase')).toBe(true)
  expect(hasClass('ß', 'lowercase')).toBe(true)
  expect(characterClasses.some((name) => hasClass(' ', name))).toBe(false)
})

test('an emoji counts as one character', () => {
  expect(countCharacters('a😀')).toBe(2)
})
