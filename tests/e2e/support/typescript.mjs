// A TypeScript file of ours as a module, with those that it imports: type-checked as strictly as the compiler can, then
// run.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { root, temporaryFolder } from './processes.mjs'

const ts = createRequire(path.join(root, 'hosts/package.json'))('typescript')

export async function importTypescript(file) {
    const folder = temporaryFolder('typescript')
    const options = {
        strict: true, noUncheckedIndexedAccess: true, noUnusedLocals: true, noUnusedParameters: true,
        noImplicitReturns: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022,
        moduleResolution: ts.ModuleResolutionKind.Bundler, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
        types: [], noEmitOnError: true, outDir: folder, allowImportingTsExtensions: true, noEmit: false,
        rewriteRelativeImportExtensions: true,
    }
    const program = ts.createProgram([path.join(root, file)], options)
    const compiled = new Map()
    const emitted = program.emit(undefined, (name, text) => compiled.set(path.basename(name), text))
    const wrong = [...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics]
    if (wrong.length) throw new Error(ts.formatDiagnostics(wrong, ts.createCompilerHost(options)))
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}')
    for (const [name, text] of compiled) writeFileSync(path.join(folder, name), text)
    return import(pathToFileURL(path.join(folder, `${path.basename(file, '.ts')}.js`)).href)
}
