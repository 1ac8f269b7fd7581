/**
 * The models of this folder in the notations of the other checkers, in any size: Promela (SPIN), Murphi (Rumur), and the configuration of
 * the TLA+ modules in `tla/` (TLC). All have the state space of the specs in `../models`.
 *
 *     node bench/peers/generate.js DIRECTORY philosophers:11 bakery:3x12
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a model is called in the peers' files, and its constants there. */
export const PEER_NAMES = { philosophers: 'Phil', 'two-phase': 'TwoPC', german: 'German', bakery: 'Bakery' }

const upTo = (n) => Array.from({ length: n }, (_, i) => i)
const others = (n, i) => upTo(n).filter((j) => j !== i)
const all = (n, text) => upTo(n).map(text).join(' && ')
const lines = (n, text) => upTo(n).map(text).join('')

/**
 * One process and arrays: the tightest state vector that SPIN can hold. Invariants are asserted where they could break, which is less work
 * than a monitor and as strong.
 */
export const promela = {
  philosophers: ([n]) => {
    const seat = (i) => {
      const right = (i + 1) % n
      const left = (i + n - 1) % n
      return `  :: d_step { pc[${i}]==0 && !fork[${i}] -> pc[${i}]=1; fork[${i}]=1 }
  :: d_step { pc[${i}]==1 && !fork[${right}] -> pc[${i}]=2; fork[${right}]=1; assert(pc[${left}]!=2 && pc[${right}]!=2) }
  :: d_step { pc[${i}]==1 -> pc[${i}]=0; fork[${i}]=0 }
  :: d_step { pc[${i}]==2 -> pc[${i}]=3; fork[${i}]=0 }
  :: d_step { pc[${i}]==3 -> pc[${i}]=0; fork[${right}]=0 }
`
    }
    return `/* dining philosophers, N=${n}: pc 0 thinking, 1 has left, 2 eating, 3 has right */
#define N ${n}
byte pc[N]; bit fork[N];
active proctype m() {
  do
${lines(n, seat)}  od
}
`
  },

  'two-phase': ([n]) => {
    if (n > 15) throw new Error('the Promela model holds at most 15 managers: its sets are shorts')
    const noOther = (i, state) => `assert(${all(n - 1, (k) => `rm[${others(n, i)[k]}]!=${state}`)})`
    const manager = (i) => {
      const bit = 1 << i
      return `  :: d_step { tm==0 && (msgPrep&${bit}) -> tmPrep=tmPrep|${bit} }
  :: d_step { rm[${i}]==0 -> rm[${i}]=1; msgPrep=msgPrep|${bit} }
  :: d_step { rm[${i}]==0 -> rm[${i}]=3; ${noOther(i, 2)} }
  :: d_step { msgC -> rm[${i}]=2; ${noOther(i, 3)} }
  :: d_step { msgA -> rm[${i}]=3; ${noOther(i, 2)} }
`
    }
    return `/* two-phase commit, N=${n}: rm 0 working, 1 prepared, 2 committed, 3 aborted; tm 0 init, 1 committed, 2 aborted */
#define N ${n}
#define ALL ${2 ** n - 1}
byte rm[N]; byte tm; short tmPrep; short msgPrep; bit msgC; bit msgA;
active proctype m() {
  do
  :: d_step { tm==0 && tmPrep==ALL -> tm=1; msgC=1 }
  :: d_step { tm==0 -> tm=2; msgA=1 }
${lines(n, manager)}  od
}
`
  },

  german: ([n]) => {
    const copy = upTo(n)
      .map((j) => `iv[${j}]=sh[${j}]`)
      .join('; ')
    const alone = (i, test) => `assert(${[...others(n, i).map((j) => `cs[${j}]${test}`), `cd[${i}]==aux`].join(' && ')})`
    const node = (i) => `  :: d_step { c1[${i}]==0 && cs[${i}]==0 -> c1[${i}]=1 }
  :: d_step { c1[${i}]==0 && cs[${i}]!=2 -> c1[${i}]=2 }
  :: d_step { cmd==0 && c1[${i}]==1 -> cmd=1; ptr=${i}; c1[${i}]=0; ${copy} }
  :: d_step { cmd==0 && c1[${i}]==2 -> cmd=2; ptr=${i}; c1[${i}]=0; ${copy} }
  :: d_step { c2[${i}]==0 && iv[${i}] && (cmd==2 || (cmd==1 && ex)) -> c2[${i}]=1; iv[${i}]=0 }
  :: d_step { c2[${i}]==1 && !c3[${i}] -> c2[${i}]=0; c3[${i}]=1; if :: cs[${i}]==2 -> c3d[${i}]=cd[${i}] :: else fi; cs[${i}]=0; cd[${i}]=0 }
  :: d_step { c3[${i}] && cmd!=0 -> c3[${i}]=0; sh[${i}]=0; if :: ex -> ex=0; mem=c3d[${i}]; c3d[${i}]=0 :: else fi; assert(ex || mem==aux) }
  :: d_step { cmd==1 && ptr==${i} && c2[${i}]==0 && !ex -> c2[${i}]=2; c2d[${i}]=mem; sh[${i}]=1; cmd=0; ptr=0 }
  :: d_step { cmd==2 && ptr==${i} && c2[${i}]==0 && !ex && ${all(n, (j) => `!sh[${j}]`)} -> c2[${i}]=3; c2d[${i}]=mem; sh[${i}]=1; ex=1; cmd=0; ptr=0 }
  :: d_step { c2[${i}]==2 -> cs[${i}]=1; cd[${i}]=c2d[${i}]; c2[${i}]=0; c2d[${i}]=0; ${alone(i, '!=2')} }
  :: d_step { c2[${i}]==3 -> cs[${i}]=2; cd[${i}]=c2d[${i}]; c2[${i}]=0; c2d[${i}]=0; ${alone(i, '==0')} }
  :: d_step { cs[${i}]==2 -> cd[${i}]=0; aux=0 }
  :: d_step { cs[${i}]==2 -> cd[${i}]=1; aux=1 }
`
    return `/* German's protocol, N=${n}: cs 0 I, 1 S, 2 E; c1 and cmd 0 empty, 1 ReqS, 2 ReqE; c2 0 empty, 1 Inv, 2 GntS, 3 GntE; c3 1 InvAck */
#define N ${n}
byte cs[N]; bit cd[N]; byte c1[N]; byte c2[N]; bit c2d[N]; bit c3[N]; bit c3d[N]; bit iv[N]; bit sh[N];
bit ex; byte cmd; byte ptr; bit mem; bit aux;
active proctype m() {
  do
${lines(n, node)}  od
}
`
  },

  bakery: ([n, k]) => `/* Lamport's bakery, N=${n}, tickets up to K=${k} */
#define N ${n}
#define K ${k}
byte num[N]; bit ch[N]; byte ncrit;
active [N] proctype p() {
  byte j, m;
S0: if :: d_step { ch[_pid]=1 } fi;
S1: if
    :: d_step { j<N -> m = (num[j]>m -> num[j] : m); j++ }; goto S1
    :: d_step { j==N && m<K -> num[_pid]=m+1; j=0; m=0 }; goto S2
    :: d_step { j==N && m>=K -> ch[_pid]=0; j=0; m=0 }; goto S0
    fi;
S2: if :: d_step { ch[_pid]=0 } fi;
S3: if :: d_step { !ch[j] -> skip } fi;
S4: if
    :: d_step { j+1<N && (num[j]==0 || num[j]>num[_pid] || (num[j]==num[_pid] && j>=_pid)) -> j++ }; goto S3
    :: d_step { j+1==N && (num[j]==0 || num[j]>num[_pid] || (num[j]==num[_pid] && j>=_pid)) -> j=0; ncrit++; assert(ncrit==1) }; goto S5
    fi;
S5: if :: d_step { num[_pid]=0; ncrit-- } fi;
    goto S0
}
`,
}

/** With `symmetric` the nodes, and the data where it can be, are scalarsets: for the table of best settings. */
export const murphi = {
  philosophers: ([n]) => `-- dining philosophers, N=${n}
const N : ${n};
type P : 0..${n - 1}; PC : enum { think, hasL, eat, hasR };
var pc : array[P] of PC; fork : array[P] of boolean;
startstate begin for i : P do pc[i] := think; fork[i] := false; end; end;
ruleset i : P do
  rule "takeL" pc[i] = think & !fork[i] ==> begin pc[i] := hasL; fork[i] := true; end;
  rule "takeR" pc[i] = hasL & !fork[(i+1)%N] ==> begin pc[i] := eat; fork[(i+1)%N] := true; end;
  rule "giveup" pc[i] = hasL ==> begin pc[i] := think; fork[i] := false; end;
  rule "dropL" pc[i] = eat ==> begin pc[i] := hasR; fork[i] := false; end;
  rule "dropR" pc[i] = hasR ==> begin pc[i] := think; fork[(i+1)%N] := false; end;
end;
invariant "neighbours" forall i : P do !(pc[i] = eat & pc[(i+1)%N] = eat) end;
`,

  'two-phase': ([n], symmetric = false) => `-- two-phase commit, N=${n}
const N : ${n};
type RM : ${symmetric ? `scalarset(${n})` : `0..${n - 1}`};
  RS : enum { working, prepared, committed, aborted }; TS : enum { tinit, tcommitted, taborted };
var rm : array[RM] of RS; tm : TS; tmPrep : array[RM] of boolean; msgP : array[RM] of boolean; msgC : boolean; msgA : boolean;
startstate begin
  for i : RM do rm[i] := working; tmPrep[i] := false; msgP[i] := false; end;
  tm := tinit; msgC := false; msgA := false;
end;
rule "TMCommit" tm = tinit & (forall i : RM do tmPrep[i] end) ==> begin tm := tcommitted; msgC := true; end;
rule "TMAbort" tm = tinit ==> begin tm := taborted; msgA := true; end;
ruleset i : RM do
  rule "TMRcvPrepared" tm = tinit & msgP[i] ==> begin tmPrep[i] := true; end;
  rule "RMPrepare" rm[i] = working ==> begin rm[i] := prepared; msgP[i] := true; end;
  rule "RMChooseToAbort" rm[i] = working ==> begin rm[i] := aborted; end;
  rule "RMRcvCommit" msgC ==> begin rm[i] := committed; end;
  rule "RMRcvAbort" msgA ==> begin rm[i] := aborted; end;
end;
invariant "consistent" forall i : RM do forall j : RM do !(rm[i] = aborted & rm[j] = committed) end end;
`,

  german: ([n], symmetric = false) => `-- German's protocol, N=${n}
type NODE : ${symmetric ? `scalarset(${n})` : `0..${n - 1}`}; DATA : ${symmetric ? 'scalarset(2)' : '0..1'};
  CS : enum { I, S, E }; C1T : enum { E1, RS, RE }; C2T : enum { E2, IV2, GS, GE };
var cs : array[NODE] of CS; cd : array[NODE] of DATA; c1 : array[NODE] of C1T; c2 : array[NODE] of C2T; c2d : array[NODE] of DATA;
  c3 : array[NODE] of boolean; c3d : array[NODE] of DATA; iv : array[NODE] of boolean; sh : array[NODE] of boolean;
  ex : boolean; cmd : C1T; ptr : NODE; mem : DATA; aux : DATA;
${symmetric ? 'ruleset d : DATA do startstate' : 'startstate'} begin
  for i : NODE do
    cs[i] := I; c1[i] := E1; c2[i] := E2; c3[i] := false; iv[i] := false; sh[i] := false; undefine cd[i]; undefine c2d[i]; undefine c3d[i];
  end;
  ex := false; cmd := E1; undefine ptr; mem := ${symmetric ? 'd' : '0'}; aux := ${symmetric ? 'd' : '0'};
end;${symmetric ? ' end;' : ''}
ruleset i : NODE do
  rule "SendReqS" c1[i] = E1 & cs[i] = I ==> begin c1[i] := RS; end;
  rule "SendReqE" c1[i] = E1 & cs[i] != E ==> begin c1[i] := RE; end;
  rule "RecvReqS" cmd = E1 & c1[i] = RS ==> begin cmd := RS; ptr := i; c1[i] := E1; for j : NODE do iv[j] := sh[j]; end; end;
  rule "RecvReqE" cmd = E1 & c1[i] = RE ==> begin cmd := RE; ptr := i; c1[i] := E1; for j : NODE do iv[j] := sh[j]; end; end;
  rule "SendInv" c2[i] = E2 & iv[i] & (cmd = RE | cmd = RS & ex) ==> begin c2[i] := IV2; iv[i] := false; end;
  rule "SendInvAck" c2[i] = IV2 & !c3[i] ==> begin
    c2[i] := E2; c3[i] := true; if cs[i] = E then c3d[i] := cd[i]; end; cs[i] := I; undefine cd[i]; end;
  rule "RecvInvAck" c3[i] & cmd != E1 ==> begin
    c3[i] := false; sh[i] := false; if ex then ex := false; mem := c3d[i]; undefine c3d[i]; end; end;
  rule "SendGntS" cmd = RS & ptr = i & c2[i] = E2 & !ex ==> begin
    c2[i] := GS; c2d[i] := mem; sh[i] := true; cmd := E1; undefine ptr; end;
  rule "SendGntE" cmd = RE & ptr = i & c2[i] = E2 & !ex & (forall j : NODE do !sh[j] end) ==> begin
    c2[i] := GE; c2d[i] := mem; sh[i] := true; ex := true; cmd := E1; undefine ptr; end;
  rule "RecvGntS" c2[i] = GS ==> begin cs[i] := S; cd[i] := c2d[i]; c2[i] := E2; undefine c2d[i]; end;
  rule "RecvGntE" c2[i] = GE ==> begin cs[i] := E; cd[i] := c2d[i]; c2[i] := E2; undefine c2d[i]; end;
end;
ruleset i : NODE; d : DATA do
  rule "Store" cs[i] = E ==> begin cd[i] := d; aux := d; end;
end;
invariant "control" forall i : NODE do forall j : NODE do
  i != j -> (cs[i] = E -> cs[j] = I) & (cs[i] = S -> cs[j] = I | cs[j] = S) end end;
invariant "data" (!ex -> mem = aux) & (forall i : NODE do cs[i] != I -> cd[i] = aux end);
`,

  bakery: ([n, k]) => `-- Lamport's bakery, N=${n}, tickets up to K=${k}
const N : ${n}; K : ${k};
type P : 0..${n - 1}; J : 0..${n}; T : 0..${k}; PC : enum { s0, s1, s2, s3, s4, s5 };
var pc : array[P] of PC; j : array[P] of J; m : array[P] of T; num : array[P] of T; ch : array[P] of boolean;
startstate begin for i : P do pc[i] := s0; j[i] := 0; m[i] := 0; num[i] := 0; ch[i] := false; end; end;
ruleset i : P do
  rule "r0" pc[i] = s0 ==> begin ch[i] := true; pc[i] := s1; end;
  rule "r1" pc[i] = s1 & j[i] < N ==> begin if num[j[i]] > m[i] then m[i] := num[j[i]]; end; j[i] := j[i]+1; end;
  rule "r1b" pc[i] = s1 & j[i] = N & m[i] < K ==> begin num[i] := m[i]+1; j[i] := 0; m[i] := 0; pc[i] := s2; end;
  rule "r1c" pc[i] = s1 & j[i] = N & m[i] >= K ==> begin ch[i] := false; j[i] := 0; m[i] := 0; pc[i] := s0; end;
  rule "r2" pc[i] = s2 ==> begin ch[i] := false; pc[i] := s3; end;
  rule "r3" pc[i] = s3 & !ch[j[i]] ==> begin pc[i] := s4; end;
  rule "r4" pc[i] = s4 & (num[j[i]] = 0 | num[j[i]] > num[i] | (num[j[i]] = num[i] & j[i] >= i)) ==> begin
    if j[i]+1 = N then j[i] := 0; pc[i] := s5; else j[i] := j[i]+1; pc[i] := s3; end; end;
  rule "r5" pc[i] = s5 ==> begin num[i] := 0; pc[i] := s0; end;
end;
invariant "mutex" forall i : P do forall k : P do i != k -> !(pc[i] = s5 & pc[k] = s5) end end;
`,
}

/** Models whose Murphi form may have scalarsets. */
export const SYMMETRIC = ['two-phase', 'german']

/** The configuration for the module in `tla/`. */
export function tlaConfiguration(model, [n, k]) {
  const constants =
    model === 'two-phase'
      ? [
          `RM = {${upTo(n)
            .map((i) => `r${i + 1}`)
            .join(', ')}}`,
        ]
      : [`N = ${n}`, ...(k === undefined ? [] : [`K = ${k}`])]
  return ['SPECIFICATION Spec', 'INVARIANT Inv', ...constants.map((constant) => `CONSTANT ${constant}`), ''].join('\n')
}

/** `bakery:3x12` as a model and its constants. */
export function parseCase(text) {
  const [model, size = ''] = text.split(':')
  const constants = size.split('x').map(Number)
  if (!Object.hasOwn(PEER_NAMES, model)) throw new Error(`no model is called ${model}; there are ${Object.keys(PEER_NAMES).join(', ')}`)
  const wanted = model === 'bakery' ? 2 : 1
  if (constants.length !== wanted || !constants.every((n) => Number.isInteger(n) && n > 0)) {
    throw new Error(`${text}: the size of ${model} is ${wanted === 2 ? 'two numbers, as in bakery:3x12' : `one number, as in ${model}:4`}`)
  }
  return { model, constants }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , directory, ...cases] = process.argv
  if (directory === undefined || cases.length === 0) {
    console.error('usage: node bench/peers/generate.js DIRECTORY MODEL:SIZE...')
    process.exit(2)
  }
  for (const { model, constants } of cases.map(parseCase)) {
    const name = PEER_NAMES[model]
    const file = `${name}_${constants.join('_')}`
    for (const folder of ['promela', 'murphi', 'tla']) mkdirSync(join(directory, folder), { recursive: true })
    writeFileSync(join(directory, 'promela', `${file}.pml`), promela[model](constants))
    writeFileSync(join(directory, 'murphi', `${file}.m`), murphi[model](constants))
    if (SYMMETRIC.includes(model)) writeFileSync(join(directory, 'murphi', `${file}_symmetric.m`), murphi[model](constants, true))
    copyFileSync(new URL(`tla/${name}.tla`, import.meta.url), join(directory, 'tla', `${name}.tla`))
    writeFileSync(join(directory, 'tla', `${file}.cfg`), tlaConfiguration(model, constants))
  }
}
