import './layouts'
export { encode } from './encode'
export { split } from './split'
