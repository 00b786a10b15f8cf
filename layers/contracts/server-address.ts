import { z } from 'zod';

/**
 * True of the address of a server and nothing else. It is shown to everybody who uses the dataset, and is in URLs and
 * errors: no place for a secret.
 */
export function isServerAddress(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return (
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    !url.username &&
    !url.password &&
    !/[?#]/.test(address)
  );
}

export const EXPECTED_SERVER_ADDRESS =
  "expected the address of a server, as 'https://images.example.com', without user, password, query and fragment";

export const serverAddress = z.string().max(1_024).refine(isServerAddress, EXPECTED_SERVER_ADDRESS);
