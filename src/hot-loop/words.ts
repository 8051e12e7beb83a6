/** The structs that the hot loops read, word by word and by the names of contract.ts. */
import type * as contract from './contract.ts'

type StructName = 'SPLIT' | 'ENCODE' | 'OP' | 'INPUT' | 'SIDES' | 'TEXT'

/** A word of that struct: how many come before it. */
export type Word<Name extends StructName> = (typeof contract)[Extract<
  keyof typeof contract,
  `${Name}_${string}`
>]

/** All words of that struct: with one left out, or one of another struct, it does not compile. */
export type Words<Name extends StructName> = Readonly<Record<Word<Name>, number>>

/** A struct in the memory, which may become larger in the meantime. */
export class Struct<Name extends StructName> {
  readonly address: number
  readonly #memory: { readonly words: Uint32Array }

  constructor(memory: { readonly words: Uint32Array }, address: number) {
    this.#memory = memory
    this.address = address
  }

  get(word: Word<Name>): number {
    return this.#memory.words[this.address / 4 + word] as number
  }

  set(word: Word<Name>, value: number): void {
    this.#memory.words[this.address / 4 + word] = value
  }

  write(words: Words<Name>): void {
    let at = this.address / 4
    // Of keys that are numbers the smallest is the first.
    for (const value of Object.values<number>(words)) this.#memory.words[at++] = value
  }
}
