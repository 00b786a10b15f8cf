import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '#contracts/stages';
import { INDEX_NAME, SECOND_INDEX_NAME } from '#contracts/table-keys';
import type { Access } from './access.ts';

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const WRITE = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem'];

/** What DynamoDB does with a customer-managed key in the caller's name. */
const READ_KEY = ['kms:Decrypt', 'kms:DescribeKey'];
const WRITE_KEY = ['kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey'];

export interface StateTableProps {
  readonly removalPolicy: RemovalPolicy;
  /** @default encryption with a key that DynamoDB owns */
  readonly encryptionKey?: IKey | undefined;
}

/** The one table. Nobody may scan it: every question is answered by a key or by an index. */
export class StateTable extends Construct {
  readonly table: Table;
  readonly #encryptionKey: IKey | undefined;

  constructor(scope: Construct, id: string, { removalPolicy, encryptionKey }: StateTableProps) {
    super(scope, id);
    this.#encryptionKey = encryptionKey;
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
      removalPolicy,
      ...(encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
    });
    for (const indexName of [INDEX_NAME, SECOND_INDEX_NAME]) {
      this.table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: `${indexName}pk`, type: AttributeType.STRING },
        sortKey: { name: `${indexName}sk`, type: AttributeType.STRING },
        // What the index lists is then read from the table, as it was written last.
        projectionType: ProjectionType.KEYS_ONLY,
      });
    }
  }

  read(): Access {
    return this.#access(READ, READ_KEY);
  }

  readAndWrite(): Access {
    return this.#access([...READ, ...WRITE], [...READ_KEY, ...WRITE_KEY]);
  }

  #access(actions: string[], keyActions: string[]): Access {
    const { tableArn, tableName } = this.table;
    const key = this.#encryptionKey;
    return {
      environment: { [ENVIRONMENT.table]: tableName },
      statements: [
        new PolicyStatement({
          actions,
          resources: [
            tableArn,
            ...[INDEX_NAME, SECOND_INDEX_NAME].map((index) => `${tableArn}/index/${index}`),
          ],
        }),
        ...(key ? [new PolicyStatement({ actions: keyActions, resources: [key.keyArn] })] : []),
      ],
    };
  }
}
