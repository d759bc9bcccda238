/**
 * Frames: how messages are encoded on the socket. A frame is its length (32 bits, including these four bytes), a header
 * of six 32-bit fields and the payload. Source: libvirt's `virnetprotocol.x`.
 */
import type { Codec } from './codec.js';
import { FRAME_MAX } from './frame-size.js';
import { ProtocolError } from './errors.js';
import { XdrReader, XdrWriter } from './xdr.js';

export const Program = { REMOTE: 0x2000_8086, QEMU: 0x2000_8087, KEEP_ALIVE: 0x6b65_6570 } as const;
/** All programs are at version 1 and have been since they exist. */
export const PROGRAM_VERSION = 1;

export const MessageType = {
  CALL: 0,
  REPLY: 1,
  EVENT: 2,
  STREAM: 3,
  CALL_WITH_FDS: 4,
  REPLY_WITH_FDS: 5,
  STREAM_HOLE: 6,
} as const;

export const MessageStatus = { OK: 0, ERROR: 1, CONTINUE: 2 } as const;

/** Bytes of the length field and the header. */
export const HEADER_BYTES = 28;
/** VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX: the most that every libvirt takes in one stream packet. */
export const STREAM_PACKET_MAX = 262_120;

export interface FrameHeader {
  readonly program: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
}

export interface Frame extends FrameHeader {
  readonly payload: Buffer;
}

/** One frame whose payload is `value` in XDR. Throws XdrError for a value that does not fit. */
export function encodeFrame<T>(header: FrameHeader, codec: Codec<T>, value: T): Buffer {
  const writer = new XdrWriter(HEADER_BYTES);
  codec.encode(writer, value);
  const frame = writer.finish();
  if (frame.length > FRAME_MAX) {
    throw new ProtocolError(`a message of ${frame.length} bytes is over libvirt's limit of ${FRAME_MAX}`);
  }
  writeHeader(frame, header);
  return frame;
}

/** One frame whose payload is `payload` as it is (stream data is not XDR: no length, no padding). */
export function encodeRawFrame(header: FrameHeader, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  frame.set(payload, HEADER_BYTES);
  writeHeader(frame, header);
  return frame;
}

function writeHeader(frame: Buffer, header: FrameHeader): void {
  const fields = [frame.length, header.program, PROGRAM_VERSION, header.procedure, header.type, header.serial];
  [...fields, header.status].forEach((field, index) => frame.writeUInt32BE(field, index * 4));
}

/** Reads the length field and header of a frame. Throws ProtocolError for one that libvirt cannot have sent. */
export function decodeHeader(bytes: Buffer): FrameHeader {
  const reader = new XdrReader(bytes.subarray(4, HEADER_BYTES));
  const program = reader.uint();
  const version = reader.uint();
  const [procedure, type, serial, status] = [reader.int(), reader.uint(), reader.uint(), reader.uint()];
  if (version !== PROGRAM_VERSION) {
    throw new ProtocolError(`program 0x${program.toString(16)} has version ${version}, only ${PROGRAM_VERSION} exists`);
  }
  if (type > MessageType.STREAM_HOLE) throw new ProtocolError(`unknown message type ${type}`);
  if (status > MessageStatus.CONTINUE) throw new ProtocolError(`unknown message status ${status}`);
  return { program, procedure, type, serial, status };
}

/** Reads a whole frame. Throws ProtocolError for a header that libvirt cannot have sent. */
export function decodeFrame(bytes: Buffer): Frame {
  return { ...decodeHeader(bytes), payload: bytes.subarray(HEADER_BYTES) };
}
