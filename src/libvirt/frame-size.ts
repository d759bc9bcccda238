/** VIR_NET_MESSAGE_MAX plus the length field, which it does not count. */
export const FRAME_MAX = 33_554_432 + 4;
