export interface TreeFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly bytes: number;
  /** Null for a file that is not text. */
  readonly text: string | null;
}

/** Market data never belongs in the tree, and nothing else here has a reason to be this large. */
const FILE_KIB_MAX = 300;

/** Large by nature and written by npm. */
const LOCK_FILE = "package-lock.json";

/** What a line may not hold. The brackets keep this file from breaking its own rules. */
const FORBIDDEN_TEXT: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  {
    pattern: /(?<![\w.~$}])[/](?:root|work|farm|home[/][a-z][\w-]*|Users[/]\w+)[/]/,
    why: "a path of one machine",
  },
  {
    pattern: /registry[.]npmjs|registry[.]yarnpkg|pypi[.]org|repo1[.]maven|proxy[.]golang/,
    why: "the host of a package registry",
  },
  { pattern: /^[<]{7} |^[>]{7} /, why: "a merge conflict" },
];

/** As above, for TypeScript and JavaScript only. */
const FORBIDDEN_CODE: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  {
    pattern: /[.]catch\(\(\w*\) => (?:[{]\s*[}]|undefined|null)\)/,
    why: "a failure that is swallowed",
  },
  { pattern: /^export [*] from/, why: "a barrel: import from the file that defines it" },
  { pattern: /as[ ]unknown as/, why: "a cast that tells the compiler nothing" },
];

const CODE = /[.](?:ts|mjs|cjs|js)$/;

/** A file is named after its subject, and these are none. */
const NO_SUBJECT = /(?:^|[/])(?:index|utils?|helpers?|misc|common)[.]ts$/;

function textProblems(file: TreeFile, text: string): string[] {
  const rules = CODE.test(file.path) ? [...FORBIDDEN_TEXT, ...FORBIDDEN_CODE] : FORBIDDEN_TEXT;
  return text
    .split("\n")
    .flatMap((line, index) =>
      rules
        .filter(({ pattern }) => pattern.test(line))
        .map(({ why }) => `${file.path}:${index + 1}: ${why}`),
    );
}

/** What is wrong with these files, one line each as `path[:line]: why`. */
export function treeProblems(files: readonly TreeFile[]): string[] {
  return files.flatMap((file) => {
    const problems: string[] = [];
    const kib = Math.ceil(file.bytes / 1024);
    if (kib > FILE_KIB_MAX && file.path !== LOCK_FILE) {
      problems.push(`${file.path}: ${kib} KiB, at most ${FILE_KIB_MAX}`);
    }
    if (NO_SUBJECT.test(file.path))
      problems.push(`${file.path}: a file is named after its subject`);
    if (file.text !== null) problems.push(...textProblems(file, file.text));
    return problems;
  });
}
