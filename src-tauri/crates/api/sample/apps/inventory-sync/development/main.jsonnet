local job = import '../../../lib/job.libsonnet';

job.scheduled(
  name='inventory-sync',
  schedule='*/30 * * * *',
  image='inventory-sync:0.31.0',
  settings={
    warehouse: 'https://development.warehouse.example',
    batch: '100',
  },
)
