import { describe, expect, it } from 'vitest'
import { formatTopicAddress, readTopicAddress } from '../../../src/kafka/address.ts'
import { Mistaken } from '../../../src/mistakes/words.ts'

describe('the address of a topic', () => {
  it.each([
    ['b1/th-cef', [['b1', 9092]], 'th-cef'],
    ['b1:9093,b2.example.com:9094/a.b_c-D', [['b1', 9093], ['b2.example.com', 9094]], 'a.b_c-D'],
    ['[2001:db8::1]:9093, 10.0.0.1/events/', [['2001:db8::1', 9093], ['10.0.0.1', 9092]], 'events'],
  ])('reads %s', (text, brokers, topic) => {
    expect(readTopicAddress(text)).toEqual({
      brokers: brokers.map(([host, port]) => ({ host, port })),
      topic,
    })
  }) // biome-ignore format: a table

  it.each([
    ['', /has no host/],
    ['b1', /names no topic/],
    ['b1/', /names no topic/],
    ['/events', /has no host/],
    ['b1,,b2/events', /has no host/],
    ['user:secret@b1/events', /holds a user or password/],
    ['b1:0/events', /has the port "0"/],
    ['b1/a/b', /can be no topic/],
    ['b1/..', /can be no topic/],
    [`b1/${'t'.repeat(250)}`, /can be no topic/],
    ['b1/events?acks=1', /can be no topic/],
    ['2001:db8::1/events', /more than one colon/],
  ])('tells what is wrong with %s', (text, wrong) => {
    const read = readTopicAddress(text)
    expect(read).toBeInstanceOf(Mistaken)
    expect((read as Mistaken).message).toMatch(wrong)
    expect((read as Mistaken).message).not.toContain('secret')
  })

  it('is the same text whatever the order of the brokers', () => {
    const texts = ['B2,b1:9092/t', 'b1,b2:9092/t', 'b1,b2,b1/t'].map((text) => {
      const read = readTopicAddress(text)
      return read instanceof Mistaken ? read.message : formatTopicAddress(read)
    })
    expect(new Set(texts)).toEqual(new Set(['b1:9092,b2:9092/t']))
  })
})
