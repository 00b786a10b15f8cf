import { squaredDistance } from './place-by-neighbours.ts';
import { type Point, principalPlane } from './principal-plane.ts';

/**
 * t-SNE as in van der Maaten and Hinton, "Visualizing Data using t-SNE" (2008), without approximation: time and memory
 * grow with the square of the number of vectors. It begins with their principal plane instead of by lot, so the same
 * vectors give the same points.
 */
const PERPLEXITY = 30;
const ITERATIONS = 500;
/** Until here, similarities are exaggerated, so that groups find together. */
const EXAGGERATED_ITERATIONS = 100;
const EXAGGERATION = 12;
const LEARNING_RATE = 200;
const INITIAL_SPREAD = 1e-2;
const SMALLEST = 1e-12;

/** @returns a point for each vector, centred at the origin */
export function tsne(vectors: readonly Float32Array[]): Point[] {
  const count = vectors.length;
  if (count < 4) return vectors.map(principalPlane(vectors));
  const similarities = similaritiesOf(vectors);
  const places = startPlaces(vectors);
  const state = { velocity: new Float64Array(2 * count), gains: new Float64Array(2 * count).fill(1) };
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const early = iteration < EXAGGERATED_ITERATIONS;
    const gradient = gradientOf(similarities, places, early ? EXAGGERATION : 1);
    step(places, gradient, state, early ? 0.5 : 0.8);
  }
  return Array.from({ length: count }, (_, at) => [places[2 * at] as number, places[2 * at + 1] as number]);
}

/** The principal plane, shrunk: the gradient is of no use between places that are far from each other. */
function startPlaces(vectors: readonly Float32Array[]): Float64Array {
  const points = vectors.map(principalPlane(vectors));
  const largest = points.reduce((most, [x, y]) => Math.max(most, Math.abs(x), Math.abs(y)), SMALLEST);
  // Equal vectors would stay together for ever: a little of a spiral keeps them apart.
  return Float64Array.from(
    points.flatMap(([x, y], at) => [
      INITIAL_SPREAD * (x / largest + 1e-3 * Math.cos(at)),
      INITIAL_SPREAD * (y / largest + 1e-3 * Math.sin(at)),
    ]),
  );
}

/** Symmetric joint probabilities, row by row. */
function similaritiesOf(vectors: readonly Float32Array[]): Float64Array {
  const count = vectors.length;
  const entropy = Math.log(Math.min(PERPLEXITY, (count - 1) / 3));
  const joint = new Float64Array(count * count);
  vectors.forEach((vector, row) => {
    const distances = Float64Array.from(vectors, (other) => squaredDistance(vector, other));
    const conditional = conditionalOf(distances, row, entropy);
    for (let column = 0; column < count; column++) {
      const share = (conditional[column] as number) / (2 * count);
      joint[row * count + column] = (joint[row * count + column] as number) + share;
      joint[column * count + row] = (joint[column * count + row] as number) + share;
    }
  });
  return joint.map((value) => Math.max(value, SMALLEST));
}

/** Finds, by halving, the width of the bell around a vector at which its neighbours have the entropy. */
function conditionalOf(distances: Float64Array, self: number, entropy: number): Float64Array {
  const nearest = distances.reduce(
    (least, value, at) => (at === self ? least : Math.min(least, value)),
    Infinity,
  );
  let [beta, low, high] = [1, 0, Infinity];
  let bell = bellOf(distances, self, nearest, beta);
  for (let attempt = 0; attempt < 60 && Math.abs(bell.entropy - entropy) > 1e-5; attempt++) {
    if (bell.entropy > entropy) low = beta;
    else high = beta;
    beta = high === Infinity ? beta * 2 : (low + high) / 2;
    bell = bellOf(distances, self, nearest, beta);
  }
  return bell.shares;
}

function bellOf(distances: Float64Array, self: number, nearest: number, beta: number) {
  // Distances count from the nearest one, which changes no share and keeps the sum above zero.
  const shares = distances.map((value, at) => (at === self ? 0 : Math.exp(-beta * (value - nearest))));
  const sum = shares.reduce((total, value) => total + value, 0);
  let entropy = 0;
  for (let at = 0; at < shares.length; at++) {
    const share = (shares[at] as number) / sum;
    shares[at] = share;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return { shares, entropy };
}

function gradientOf(similarities: Float64Array, places: Float64Array, exaggeration: number): Float64Array {
  const count = places.length / 2;
  const closeness = new Float64Array(count * count);
  let sum = 0;
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const x = (places[2 * a] as number) - (places[2 * b] as number);
      const y = (places[2 * a + 1] as number) - (places[2 * b + 1] as number);
      const value = 1 / (1 + x * x + y * y);
      closeness[a * count + b] = value;
      sum += 2 * value;
    }
  }
  const gradient = new Float64Array(2 * count);
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const value = closeness[a * count + b] as number;
      const wanted = exaggeration * (similarities[a * count + b] as number);
      const force = 4 * (wanted - value / sum) * value;
      for (let axis = 0; axis < 2; axis++) {
        const pull = force * ((places[2 * a + axis] as number) - (places[2 * b + axis] as number));
        gradient[2 * a + axis] = (gradient[2 * a + axis] as number) + pull;
        gradient[2 * b + axis] = (gradient[2 * b + axis] as number) - pull;
      }
    }
  }
  return gradient;
}

/** Moves all places against the gradient, faster where it keeps its direction. */
function step(
  places: Float64Array,
  gradient: Float64Array,
  { velocity, gains }: { readonly velocity: Float64Array; readonly gains: Float64Array },
  momentum: number,
): void {
  for (let at = 0; at < places.length; at++) {
    const slope = gradient[at] as number;
    const speed = velocity[at] as number;
    const gain = Math.max(
      0.01,
      slope > 0 === speed > 0 ? (gains[at] as number) * 0.8 : (gains[at] as number) + 0.2,
    );
    gains[at] = gain;
    velocity[at] = momentum * speed - LEARNING_RATE * gain * slope;
    places[at] = (places[at] as number) + (velocity[at] as number);
  }
  for (let axis = 0; axis < 2; axis++) centre(places, axis);
}

function centre(places: Float64Array, axis: number): void {
  let sum = 0;
  for (let at = axis; at < places.length; at += 2) sum += places[at] as number;
  const mean = sum / (places.length / 2);
  for (let at = axis; at < places.length; at += 2) places[at] = (places[at] as number) - mean;
}
