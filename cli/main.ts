import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// What was compiled is kept: a command is there in half the time. Where it can't be kept, everything works without.
enableCompileCache(fileURLToPath(new URL('../.winnow/compile-cache', import.meta.url)));
await import('./program.ts');
