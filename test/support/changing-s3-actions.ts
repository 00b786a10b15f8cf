/** Actions of IAM by which a bucket of S3, or an object in it, becomes another one. */
export const CHANGING_S3_ACTIONS: readonly string[] = [
  'AbortMultipartUpload BypassGovernanceRetention CreateBucket DeleteBucket DeleteBucketPolicy DeleteBucketWebsite DeleteObject',
  'DeleteObjectTagging DeleteObjectVersion DeleteObjectVersionTagging InitiateReplication ObjectOwnerOverrideToBucketOwner',
  'PutAccelerateConfiguration PutAnalyticsConfiguration PutBucketAcl PutBucketCORS PutBucketLogging PutBucketNotification',
  'PutBucketObjectLockConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock PutBucketRequestPayment',
  'PutBucketTagging PutBucketVersioning PutBucketWebsite PutEncryptionConfiguration PutIntelligentTieringConfiguration',
  'PutInventoryConfiguration PutLifecycleConfiguration PutMetricsConfiguration PutObject PutObjectAcl PutObjectLegalHold',
  'PutObjectRetention PutObjectTagging PutObjectVersionAcl PutObjectVersionTagging PutReplicationConfiguration ReplicateDelete',
  'ReplicateObject ReplicateTags RestoreObject TagResource UntagResource',
  // Only a wildcard allows what does not exist.
  'SomethingNew',
]
  .join(' ')
  .split(' ')
  .map((name) => `s3:${name}`);
