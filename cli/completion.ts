import { defineCommand, UsageError } from "./command";
import { commands } from "./commands";
import { ExitCode } from "./io";

const usage = `usage: kube-audit completion SHELL

Prints a completion of commands, options and files for a shell.

  SHELL  bash, zsh or fish

  bash:  source <(kube-audit completion bash)      in ~/.bashrc
  zsh:   source <(kube-audit completion zsh)       in ~/.zshrc, behind compinit
  fish:  kube-audit completion fish | source       in ~/.config/fish/config.fish

Exit codes: 0 printed, 2 bad usage.
`;

/** `kube-audit completion SHELL`. */
export const command = defineCommand({
    usage,
    async run({ positionals: [shell, ...others] }, io) {
        const write = { bash, zsh, fish }[shell ?? ""];
        if (write === undefined || others.length > 0) {
            throw new UsageError("give one SHELL: bash, zsh or fish");
        }
        io.stdout(write(await readCommands()));
        return ExitCode.Ok;
    },
});

/** A command and what can follow it. */
interface Completed {
    readonly name: string;
    readonly summary: string;
    readonly options: readonly string[];
}

/** The options of a command are those that its own help text has. */
async function readCommands(): Promise<Completed[]> {
    const completed: Completed[] = [];
    for (const [name, { summary, load }] of commands) {
        let text = "";
        const nothing = () => {
            throw new Error(`kube-audit ${name} --help touches files`);
        };
        await load()(["--help"], {
            stdout: (part) => (text += part),
            stderr: nothing,
            readFile: nothing,
            writeFile: nothing,
            colours: { stdout: false, stderr: false },
        });
        const options = [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*[a-z]/g)].map(([option]) => option);
        completed.push({ name, summary, options: [...new Set([...options, "--help"])].sort() });
    }
    return completed;
}

/** The words that can stand where a command's name begins, and behind each first word of two. */
function firstWords(completed: readonly Completed[]): Map<string, string[]> {
    const words = new Map<string, string[]>();
    for (const { name } of completed) {
        const [first = "", second] = name.split(" ");
        words.set(first, [...(words.get(first) ?? []), ...(second === undefined ? [] : [second])]);
    }
    return words;
}

function bash(completed: readonly Completed[]): string {
    const words = firstWords(completed);
    const seconds = [...words].filter(([, following]) => following.length > 0);
    return `# bash completion of kube-audit
_kube_audit() {
    local current=\${COMP_WORDS[COMP_CWORD]} words=
    if [ "$COMP_CWORD" -eq 1 ]; then
        words="${[...words.keys()].join(" ")}"
    elif [ "$COMP_CWORD" -eq 2 ]; then
        case "\${COMP_WORDS[1]}" in
${seconds.map(([first, following]) => `            ${first}) words="${following.join(" ")}" ;;\n`).join("")}        esac
    fi
    if [ -z "$words" ]; then
        case "$current" in
            -*)
                case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${completed.map(({ name, options }) => `                    "${name} "*${name.includes(" ") ? `|"${name}"` : ""}) words="${options.join(" ")}" ;;\n`).join("")}                esac
                ;;
            *)
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
                return
                ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o filenames -F _kube_audit kube-audit
`;
}

function zsh(completed: readonly Completed[]): string {
    const words = firstWords(completed);
    const seconds = [...words].filter(([, following]) => following.length > 0);
    return `#compdef kube-audit
_kube_audit() {
    if (( CURRENT == 2 )); then
        compadd -- ${[...words.keys()].join(" ")}
        return
    fi
    if (( CURRENT == 3 )); then
        case "$words[2]" in
${seconds.map(([first, following]) => `            ${first}) compadd -- ${following.join(" ")}; return ;;\n`).join("")}        esac
    fi
    if [[ "$words[CURRENT]" != -* ]]; then
        _files
        return
    fi
    case "$words[2] $words[3]" in
${completed.map(({ name, options }) => `        "${name}${name.includes(" ") ? '"' : ' "*'}) compadd -- ${options.join(" ")} ;;\n`).join("")}    esac
}
compdef _kube_audit kube-audit
`;
}

function fish(completed: readonly Completed[]): string {
    const words = firstWords(completed);
    const lines = completed.flatMap(({ name, summary, options }) => {
        const [first = "", second] = name.split(" ");
        const isFirst = `test (count (commandline -opc)) -eq 1`;
        const isSecond = `string match -qr '^kube-audit ${first}\\$' -- (commandline -opc | string join ' ')`;
        const offer =
            second === undefined
                ? `complete -c kube-audit -f -n "${isFirst}" -a ${first} -d '${summary}'`
                : `complete -c kube-audit -f -n "${isSecond}" -a ${second} -d '${summary}'`;
        const isChosen = `string match -qr '^kube-audit ${name}( |\\$)' -- (commandline -opc | string join ' ')`;
        return [
            offer,
            ...options.map((option) => `complete -c kube-audit -n "${isChosen}" -l ${option.slice("--".length)}`),
        ];
    });
    const nouns = [...words].filter(([, following]) => following.length > 0).map(([first]) => first);
    return `# fish completion of kube-audit
complete -c kube-audit -f -n "test (count (commandline -opc)) -eq 1" -a '${nouns.join(" ")}'
${lines.join("\n")}
`;
}
