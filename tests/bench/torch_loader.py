"""Samples per second and processor time of PyTorch's DataLoader over the files of a folder: the yardstick of `changedetection-bench loader`."""
import os
import sys
import time

import numpy
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

WARM_BATCHES = 10


class Pairs(Dataset):
    def __init__(self, folder, samples):
        self.folder, self.samples = folder, samples

    def __len__(self):
        return self.samples

    def __getitem__(self, i):
        return self.image(i, "before"), self.image(i, "after"), self.mask(i)

    def image(self, i, role):  # What torchvision's to_tensor does.
        with Image.open(f"{self.folder}/{i:06}.{role}.png") as image:
            pixels = torch.from_numpy(numpy.array(image.convert("RGB")))
        return pixels.permute(2, 0, 1).contiguous().to(torch.float32).div(255)

    def mask(self, i):
        with Image.open(f"{self.folder}/{i:06}.mask.png") as image:
            return torch.from_numpy(numpy.array(image) != 0)


def cpu_seconds(pids):
    ticks = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main(folder, samples, batch, workers):
    torch.set_num_threads(1)
    batches = iter(DataLoader(Pairs(folder, samples), batch_size=batch, shuffle=True, num_workers=workers))
    pids = [os.getpid()] + [worker.pid for worker in batches._workers]
    for _ in range(WARM_BATCHES):
        next(batches)
    started, used, count = time.perf_counter(), cpu_seconds(pids), 0
    for done in range(WARM_BATCHES, samples // batch):
        before, _, _ = next(batches)
        count += len(before)
        if done == samples // batch - 1:  # The workers are still there to be asked.
            print(count, time.perf_counter() - started, cpu_seconds(pids) - used)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
