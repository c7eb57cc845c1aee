/**
 * The program that holds a pod's namespaces open, assembled here so that nothing has to be pulled or compiled.
 *
 * It blocks SIGINT, SIGTERM and SIGCHLD and takes them one at a time with rt_sigtimedwait: SIGCHLD reaps every
 * child that ended (it is process 1 of its namespace), the other two exit with 0. Blocking matters: the kernel drops
 * signals with a default action that are sent to a namespace's process 1, except blocked ones (signal(7),
 * pid_namespaces(7)), so a sandbox ends at once instead of after Docker's grace period.
 */
import type { TarEntry } from './tar.ts';

export const pauseImage = 'kubecfg/pause:1';
export const pauseEntrypoint = ['/pause'];

/** Machine names as Docker writes them. */
export type Architecture = 'amd64' | 'arm64';

export function pauseFiles(architecture: Architecture): TarEntry[] {
  return [{ type: 'file', path: 'pause', mode: 0o755, data: pauseProgram(architecture) }];
}

export function pauseProgram(architecture: Architecture): Buffer {
  return architecture === 'amd64' ? elf(62, amd64Code()) : elf(183, arm64Code());
}

// SIGINT is 2, SIGTERM 15, SIGCHLD 17; bit n-1 of a signal set stands for signal n.
const signalSet = (1 << (2 - 1)) | (1 << (15 - 1)) | (1 << (17 - 1));

function amd64Code(): Buffer {
  const u32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];
  // System call: number in rax, arguments in rdi, rsi, rdx, r10. All registers but rax, rcx and r11 survive it.
  const block = [
    [0x68, ...u32(signalSet)], //         push signalSet        the set lies on the stack
    [0x48, 0x89, 0xe6], //                mov  rsi, rsp         which signals
    [0x31, 0xff], //                      xor  edi, edi         how: SIG_BLOCK
    [0x31, 0xd2], //                      xor  edx, edx         no old set
    [0x6a, 0x08, 0x41, 0x5a], //          push 8; pop r10       size of a set
    [0x6a, 14, 0x58], //                  push 14; pop rax      rt_sigprocmask
    [0x0f, 0x05], //                      syscall
  ].flat();
  const wait = [
    [0x48, 0x89, 0xe7], //                mov  rdi, rsp         which signals
    [0x31, 0xf6], //                      xor  esi, esi         no details
    [0x31, 0xd2], //                      xor  edx, edx         no time limit
    [0x6a, 0x08, 0x41, 0x5a], //          push 8; pop r10       size of a set
    [0xb8, ...u32(128)], //               mov  eax, 128         rt_sigtimedwait
    [0x0f, 0x05], //                      syscall               eax is the signal
    [0x83, 0xf8, 17], //                  cmp  eax, SIGCHLD
  ].flat();
  const exit = [
    [0x31, 0xff], //                      xor  edi, edi         status 0
    [0x6a, 60, 0x58], //                  push 60; pop rax      exit
    [0x0f, 0x05], //                      syscall
  ].flat();
  const reap = [
    [0x6a, 0xff, 0x5f], //                push -1; pop rdi      any child
    [0x31, 0xf6], //                      xor  esi, esi         no status
    [0x6a, 0x01, 0x5a], //                push 1; pop rdx       WNOHANG
    [0x45, 0x31, 0xd2], //                xor  r10d, r10d       no usage
    [0x6a, 61, 0x58], //                  push 61; pop rax      wait4
    [0x0f, 0x05], //                      syscall               eax is the child, 0 or an error
    [0x85, 0xc0], //                      test eax, eax
  ].flat();
  // Short jumps are two bytes: opcode and the distance from their own end.
  const jump = (opcode: number, distance: number) => [opcode, distance & 255];
  const jumpLength = 2;
  const toReap = [
    ...jump(0x74, 2 + jumpLength + exit.length), //                           je reap
    ...[0x85, 0xc0], //                                                       test eax, eax
    ...jump(0x78, -(wait.length + 2 * jumpLength + 2)), //                    js wait    (interrupted)
  ];
  const fromReap = [
    ...jump(0x7f, -(reap.length + jumpLength)), //                            jg reap    (one was reaped)
    ...jump(0xeb, -(wait.length + toReap.length + exit.length + reap.length + 2 * jumpLength)), // jmp wait
  ];
  return Buffer.from([...block, ...wait, ...toReap, ...exit, ...reap, ...fromReap]);
}

function arm64Code(): Buffer {
  // System call: number in x8, arguments in x0 to x3, answer in x0. Every instruction is one word.
  const set = (register: number, value: number) => 0xd2800000 | (value << 5) | register; // mov xN, #value
  const stack = (register: number) => 0x910003e0 | register; //                             mov xN, sp
  const call = 0xd4000001; //                                                               svc #0
  const compare = (value: number) => 0x7100001f | (value << 10); //                         cmp w0, #value
  const block = [
    set(9, signalSet & 0xffff),
    0xf2a00000 | ((signalSet >> 16) << 5) | 9, // movk x9, #high half, lsl #16
    0xf81f0fe9, // str x9, [sp, #-16]!             the set lies on the stack
    set(0, 0), // how: SIG_BLOCK
    stack(1), // which signals
    set(2, 0), // no old set
    set(3, 8), // size of a set
    set(8, 135), // rt_sigprocmask
    call,
  ];
  const wait = [
    stack(0), // which signals
    set(1, 0), // no details
    set(2, 0), // no time limit
    set(3, 8), // size of a set
    set(8, 137), // rt_sigtimedwait
    call, // w0 is the signal
    compare(17), // SIGCHLD
  ];
  const exit = [set(0, 0), set(8, 93), call]; // exit with status 0
  const reap = [
    0x92800000, // mov x0, #-1                     any child
    set(1, 0), // no status
    set(2, 1), // WNOHANG
    set(3, 0), // no usage
    set(8, 260), // wait4
    call, // w0 is the child, 0 or an error
    compare(0),
  ];
  // Distances of jumps are counted in words from the jump itself.
  const jumpIf = (condition: number, distance: number) => 0x54000000 | ((distance & 0x7ffff) << 5) | condition;
  const toReap = [
    jumpIf(0x0, 2 + exit.length), //                                          b.eq reap
    0x37f80000 | ((-(wait.length + 1) & 0x3fff) << 5), //                     tbnz w0, #31, wait  (interrupted)
  ];
  const fromReap = [
    jumpIf(0xc, -reap.length), //                                             b.gt reap  (one was reaped)
    0x14000000 | (-(wait.length + toReap.length + exit.length + reap.length + 1) & 0x3ffffff), // b wait
  ];
  const words = [...block, ...wait, ...toReap, ...exit, ...reap, ...fromReap];
  // Instructions are little-endian whatever the data is; so are the hosts of Docker.
  return Buffer.from(Uint32Array.from(words).buffer);
}

/** A static executable: file header, one segment that maps the whole file, the code. */
function elf(machine: number, code: Buffer): Buffer {
  const base = 0x400000n;
  const headers = 64 + 56;
  const size = BigInt(headers + code.length);
  const out = Buffer.alloc(headers);
  out.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // magic, 64 bit, little endian, version 1
  out.writeUInt16LE(2, 16); // executable
  out.writeUInt16LE(machine, 18);
  out.writeUInt32LE(1, 20); // version
  out.writeBigUInt64LE(base + BigInt(headers), 24); // entry point
  out.writeBigUInt64LE(64n, 32); // where the program headers begin
  out.writeUInt16LE(64, 52); // size of this header
  out.writeUInt16LE(56, 54); // size of a program header
  out.writeUInt16LE(1, 56); // how many
  out.writeUInt32LE(1, 64); // loaded segment
  out.writeUInt32LE(5, 68); // readable, executable
  out.writeBigUInt64LE(base, 80); // address (file offset at 72 is 0)
  out.writeBigUInt64LE(base, 88);
  out.writeBigUInt64LE(size, 96); // bytes in the file
  out.writeBigUInt64LE(size, 104); // bytes in memory
  out.writeBigUInt64LE(0x10000n, 112); // alignment: the largest page size of arm64
  return Buffer.concat([out, code]);
}
