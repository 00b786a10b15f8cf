import exifr from 'exifr';
import { type ExifFacts, LONGEST_EXIF_TEXT } from '#contracts/image-facts';
import type { ImageHeader } from './read-header.ts';

const TAGS = ['Make', 'Model', 'DateTimeOriginal', 'CreateDate', 'OffsetTimeOriginal', 'OffsetTimeDigitized'];
const GPS_TAGS = ['GPSLatitude', 'GPSLatitudeRef', 'GPSLongitude', 'GPSLongitudeRef'];

type Tags = Readonly<Record<string, unknown>>;

/**
 * The EXIF facts of an image. A missing or broken block gives no facts and never an error: it says nothing about
 * the picture. Where the camera was is read only with `keepGps`.
 */
export async function readExif(bytes: Uint8Array, header: ImageHeader, keepGps: boolean): Promise<ExifFacts> {
  const tags = await parseTags(header.format === 'tiff' ? bytes : header.exif, keepGps);
  const captureTime =
    isoTime(tags.DateTimeOriginal, tags.OffsetTimeOriginal) ??
    isoTime(tags.CreateDate, tags.OffsetTimeDigitized);
  const cameraMake = text(tags.Make);
  const cameraModel = text(tags.Model);
  const gps = keepGps ? position(tags.latitude, tags.longitude) : undefined;
  return {
    ...(captureTime && { captureTime }),
    ...(cameraMake && { cameraMake }),
    ...(cameraModel && { cameraModel }),
    ...(header.orientation && { orientation: header.orientation }),
    ...(gps && { gps }),
  };
}

async function parseTags(block: Uint8Array | undefined, keepGps: boolean): Promise<Tags> {
  if (!block) return {};
  try {
    const parsed: Tags | undefined = await exifr.parse(withoutPrefix(block), {
      pick: keepGps ? [...TAGS, ...GPS_TAGS] : TAGS,
      gps: keepGps,
      translateValues: false,
      // Dates stay text: as Date objects they would be moved into the zone of this machine.
      reviveValues: false,
    });
    return parsed ?? {};
  } catch {
    return {};
  }
}

/** Inside JPEG and others the TIFF structure follows `Exif\0\0`. */
function withoutPrefix(block: Uint8Array): Uint8Array {
  const prefix = String.fromCharCode(...block.subarray(0, 6));
  return prefix === 'Exif\0\0' ? block.subarray(6) : block;
}

/** Cameras pad names with spaces and zeros; a hostile file may hold a name that no item has room for. */
function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return value.slice(0, LONGEST_EXIF_TEXT).replaceAll('\0', '').trim() || undefined;
}

/** `2024:05:17 10:20:30` as `2024-05-17T10:20:30`, with the zone where it is told. */
function isoTime(value: unknown, zone: unknown): string | undefined {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text(value) ?? '');
  if (!parts) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  // A clock that was never set says 0000:00:00; the round trip also finds a 31st of February.
  const time = Date.parse(`${local}Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 19) !== local) return undefined;
  const zoneText = text(zone) ?? '';
  return /^([+-]\d\d:\d\d|Z)$/.test(zoneText) ? local + zoneText : local;
}

function position(
  latitude: unknown,
  longitude: unknown,
): { latitude: number; longitude: number } | undefined {
  const isWithin = (value: unknown, limit: number): value is number =>
    typeof value === 'number' && Math.abs(value) <= limit;
  return isWithin(latitude, 90) && isWithin(longitude, 180) ? { latitude, longitude } : undefined;
}
