import { z } from 'zod';

/** `report_v2.json`: the parts of the protocol's `ReportV2` that a run fills in. Names are as on the wire. */
const numericDistribution = z.strictObject({
  /** One per bin, over the whole range of the distribution set. */
  counts: z.array(z.int().nonnegative()),
  metrics: z.strictObject({
    mean: z.number(),
    std: z.number().nonnegative(),
    min: z.number(),
    median: z.number(),
    max: z.number(),
  }),
});
export type NumericDistribution = z.infer<typeof numericDistribution>;

/** Sets of images that a distribution is drawn for, and that can be compared because they share the bins. */
const REPORT_SETS = ['input', 'selected', 'random', 'preselectedDatapool', 'selectedWithDatapool'] as const;
export type ReportSet = (typeof REPORT_SETS)[number];

const numericDistributionPerSet = z.strictObject({
  bins: z.int().positive(),
  range: z.tuple([z.number(), z.number()]),
  input: numericDistribution.optional(),
  selected: numericDistribution,
  random: numericDistribution.optional(),
  preselectedDatapool: numericDistribution.optional(),
  selectedWithDatapool: numericDistribution.optional(),
});
export type NumericDistributionPerSet = z.infer<typeof numericDistributionPerSet>;

const point = z.tuple([z.number(), z.number()]);
const plot2d = z.strictObject({
  input2dEmbeddings: z.array(point),
  datapool2dEmbeddings: z.array(point).optional(),
  selectedExcludingDatapool2dEmbeddings: z.array(point),
  exampleImages: z.array(z.strictObject({ location: point, filename: z.string() })),
});
export type Plot2d = z.infer<typeof plot2d>;

const imagePair = z.strictObject({
  selectedImage: z.string(),
  removedImage: z.string(),
  /** Euclidean distance of the embeddings. */
  distance: z.number(),
});

const embeddingInformation = z.strictObject({
  distanceToNearestNeighborInSet: numericDistributionPerSet,
  distanceToCoverInput: numericDistributionPerSet,
  scatterPlotData: z.strictObject({ pcaEmbeddingData: plot2d, umapEmbeddingData: plot2d }),
});
export type EmbeddingInformation = z.infer<typeof embeddingInformation>;

const categoricalDistribution = z.strictObject({
  counts: z.record(z.string(), z.int().nonnegative()),
  metrics: z.strictObject({
    /** 0 where all categories are as frequent, towards 1 where one has everything. */
    giniImbalance: z.number(),
    /** 1 where all categories are as frequent, 0 where one has everything. */
    normalizedEntropy: z.number(),
  }),
});
export type CategoricalDistribution = z.infer<typeof categoricalDistribution>;

const categoricalDistributionPerSet = z.strictObject({
  input: categoricalDistribution,
  selected: categoricalDistribution,
  random: categoricalDistribution,
  preselectedDatapool: categoricalDistribution.optional(),
  selectedWithDatapool: categoricalDistribution.optional(),
});
export type CategoricalDistributionPerSet = z.infer<typeof categoricalDistributionPerSet>;

const metadataInformation = z.strictObject({
  lightlyNumeric: z.record(z.string(), numericDistributionPerSet),
  customNumeric: z.record(z.string(), numericDistributionPerSet),
  customCategorical: z.record(z.string(), categoricalDistributionPerSet),
});
export type MetadataInformation = z.infer<typeof metadataInformation>;

const detectionFramePrediction = z.strictObject({
  filename: z.string(),
  predictions: z.array(
    z.strictObject({
      categoryId: z.int(),
      /** x, y, width, height in pixels of the upright image. */
      bbox: z.array(z.number()),
      score: z.number().min(0).max(1),
      probabilities: z.array(z.number().nonnegative()).optional(),
      epsilon: z.number().nonnegative(),
    }),
  ),
});
export type DetectionFramePrediction = z.infer<typeof detectionFramePrediction>;

/** Categories are named by their ids. */
const predictionTaskInformation = z.strictObject({
  taskType: z.string(),
  categoryIdToName: z.record(z.string(), z.string()),
  activeLearningScoreDistributions: z.record(z.string(), numericDistributionPerSet),
  /** Of predicted objects, or of images where the task classifies. */
  categoryDistribution: categoricalDistributionPerSet,
  /** How many objects of a category an image has. */
  categoryToCountsPerSample: z.record(z.string(), numericDistributionPerSet),
  predictionScoreDistribution: numericDistributionPerSet.optional(),
  detectionTaskInformation: z
    .strictObject({
      bboxExamples: z.array(detectionFramePrediction),
      cropEmbeddingInformation: embeddingInformation.optional(),
    })
    .optional(),
  /** How many images have the category at least once. */
  categoryToImageWithCategoryCount: categoricalDistributionPerSet.optional(),
});
export type PredictionTaskInformation = z.infer<typeof predictionTaskInformation>;
const predictionTasks = z.record(z.string(), predictionTaskInformation);

const datasetAnalysis = z.strictObject({ embeddingInformation, metadataInformation });

/** What a run finds out about its input and its selection while it holds both. */
export const runAnalysis = z.strictObject({
  datasetAnalysis,
  /** By name of the task. */
  predictionTaskInformation: predictionTasks.default({}),
  selectedAndRemovedImageExamples: z.array(imagePair),
});
export type RunAnalysis = z.infer<typeof runAnalysis>;

const datasetSizes = z.strictObject({
  /** Images that the run read. Equals nCorrupt + nDuplicate + nRemoved + nSelected. */
  nInput: z.int().nonnegative(),
  nCorrupt: z.int().nonnegative(),
  nDuplicate: z.int().nonnegative(),
  /** Not selected, or of a kind or size that the dataset does not take. */
  nRemoved: z.int().nonnegative(),
  nSelected: z.int().nonnegative(),
  nPreselectedDatapool: z.int().nonnegative(),
  nSelectedWithDatapool: z.int().nonnegative(),
});

const savings = z.strictObject({ costSavings: z.number(), co2Savings: z.number() });

export const reportV2 = z.strictObject({
  generalInformation: z.strictObject({
    workerInformation: z.strictObject({ buildTime: z.string(), buildVersion: z.string() }),
    runInformation: z.strictObject({
      /** ms */
      startTimestamp: z.number(),
      /** ms */
      endTimestamp: z.number(),
      totalProcessingTimeS: z.number(),
      runId: z.string(),
      runUrl: z.string(),
    }),
    datasetInformation: z.strictObject({
      datasetSizes,
      datasetId: z.string(),
      datasetUrl: z.string(),
      datasetName: z.string(),
    }),
    annotationSavings: z.strictObject({
      imageClassification: savings,
      objectDetection: savings,
      semanticSegmentation: savings,
    }),
    selectedAndRemovedImageExamples: z.array(imagePair),
  }),
  datasetAnalysis,
  predictionTaskInformation: predictionTasks,
});
export type ReportV2 = z.infer<typeof reportV2>;
