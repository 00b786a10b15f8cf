import { createHmac } from 'node:crypto';
import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';

type WorkerServiceOperation =
  | 'post_docker_usage_stats'
  | 'post_docker_authorization_request'
  | 'get_docker_license_information'
  | 'post_docker_worker_authorization_request';

/** 2100-01-01: a deployment of one's own has no licence that could end. */
const LICENCE_END = Date.UTC(2100, 0, 1);

/**
 * What workers ask of the platform that sells them. Here everything is allowed, nothing is counted, and no usage is
 * kept. The key that the protocol signs answers with is its vendor's; the signatures here are of the caller's id.
 */
export function workerServiceOperations(
  deps: Pick<ApiDeps, 'telemetry' | 'now'>,
): Operations<WorkerServiceOperation> {
  return {
    post_docker_usage_stats: async ({ caller, requestId }) => {
      deps.telemetry.log('info', 'Usage statistics were sent, and not kept', {
        requestId,
        userId: caller.id,
      });
    },
    post_docker_authorization_request: async ({ caller, body }) => {
      const bodyString = JSON.stringify({ ...body, userId: caller.id, authorized: true });
      return { bodyString, bodyHmac: signed(bodyString, caller.id) };
    },
    get_docker_license_information: async () => ({
      licenseType: 'self-hosted',
      licenseExpirationDate: LICENCE_END,
      licenseIsValid: true,
    }),
    post_docker_worker_authorization_request: async ({ caller, body }) =>
      signed(body.hashedTaskDescription, caller.id),
  };
}

const signed = (text: string, key: string): string => createHmac('sha256', key).update(text).digest('hex');
