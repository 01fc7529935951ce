// Watch and play what a rendercast host streams.

export { PROTOCOLS, Player } from "./player.js";
export { keyNumber } from "./keys.js";
