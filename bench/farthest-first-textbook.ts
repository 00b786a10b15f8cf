/** The textbook: measure every vector against the newest choice, then take the one that is farthest from all. */
export function farthestFirst(vectors: readonly Float32Array[], count: number, first: number): number[] {
  const distances = new Float32Array(vectors.length).fill(Number.POSITIVE_INFINITY);
  const isChosen = new Uint8Array(vectors.length);
  const chosen = [first];
  isChosen[first] = 1;
  while (chosen.length < count) {
    const newest = vectors[chosen.at(-1) as number] as Float32Array;
    let farthest = -1;
    for (let index = 0; index < vectors.length; index++) {
      const vector = vectors[index] as Float32Array;
      let sum = 0;
      for (let axis = 0; axis < newest.length; axis++) {
        const difference = (vector[axis] as number) - (newest[axis] as number);
        sum += difference * difference;
      }
      const distance = Math.sqrt(sum);
      if (distance < (distances[index] as number)) distances[index] = distance;
      if (isChosen[index] === 1) continue;
      if (farthest < 0 || (distances[index] as number) > (distances[farthest] as number)) farthest = index;
    }
    chosen.push(farthest);
    isChosen[farthest] = 1;
  }
  return chosen;
}
