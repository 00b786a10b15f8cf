/*
 * Jest runs a test file in a realm that has a Float32Array of its own, and native packages give the one of the process:
 * `instanceof` between them is false. To be imported before what runs a learned model.
 */
const ofTheProcess = Uint8Array.constructor('return Float32Array') as () => Float32ArrayConstructor;
globalThis.Float32Array = ofTheProcess();
